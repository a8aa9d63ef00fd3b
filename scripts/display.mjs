/**
 * Why no window can be shown here, or undefined. Asked before anything is downloaded: Electron would end without a word that helps.
 * @param {NodeJS.ProcessEnv} [env]
 * @param {NodeJS.Platform} [platform]
 */
export function displayObstacle(env = process.env, platform = process.platform) {
  if (platform !== 'linux' || env.DISPLAY || env.WAYLAND_DISPLAY) return undefined;
  return [
    'neither DISPLAY nor WAYLAND_DISPLAY is set, so there is no screen.',
    'Run it in a graphical session, or over ssh -X, or without a screen by xvfb-run -a npm run desktop;',
    'npm start shows the balancer in this terminal',
  ].join('\n  ');
}
