import { ROUTES } from './contract/routes.js';

const patterns = Object.values(ROUTES).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`),
}));

/** Methods that a path is served for. */
export function methodsOf(url: string): string[] {
  const path = url.split('?', 1)[0]!;
  return patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
}
