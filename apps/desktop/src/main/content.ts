import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

/** The page of the app has an origin of its own: no file and no other page shares it. */
export const SCHEME = 'lb-app';
export const ORIGIN = `${SCHEME}://app`;
export const START_PAGE = `${ORIGIN}/index.html`;
/** Shown when the process of the start page has ended. */
export const GONE_PAGE = `${ORIGIN}/gone.html`;

/** Scripts and styles of the app itself only, and no connection to anywhere. */
export const CONTENT_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "worker-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Answers requests for the app's own page with files below `folder`, and with nothing else. */
export async function serveContent(folder: string, address: string): Promise<Response> {
  const path = pathBelow(folder, address);
  const type = path === undefined ? undefined : TYPES[extname(path)];
  if (path === undefined || type === undefined) return new Response(null, { status: 404 });
  try {
    const headers = {
      'content-type': type,
      'content-security-policy': CONTENT_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
    };
    return new Response(new Uint8Array(await readFile(path)), { headers });
  } catch {
    return new Response(null, { status: 404 });
  }
}

function pathBelow(folder: string, address: string): string | undefined {
  try {
    const { protocol, host, pathname } = new URL(address);
    if (protocol !== `${SCHEME}:` || host !== 'app') return undefined;
    const path = normalize(join(folder, decodeURIComponent(pathname)));
    return path.startsWith(folder + sep) && !path.includes('\0') ? path : undefined;
  } catch {
    return undefined;
  }
}
