import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';

/** Everything comes from this server, nothing is inline, nothing may frame the page. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function securityHeaders(): MiddlewareHandler {
  return async (context, next) => {
    await next();
    context.header('Content-Security-Policy', contentSecurityPolicy);
    context.header('X-Content-Type-Options', 'nosniff');
    context.header('Referrer-Policy', 'no-referrer');
    context.header('Cross-Origin-Opener-Policy', 'same-origin');
    context.header('Cross-Origin-Resource-Policy', 'same-origin');
  };
}

/**
 * Refuses requests whose Host is not an address or the names this server was bound to: a page elsewhere that makes its
 * own name point here (DNS rebinding) must not read the studies.
 */
export function allowedHosts(names: string[]): MiddlewareHandler {
  const allowed = new Set(['localhost', ...names]);
  return async (context, next) => {
    const host = hostName(context.req.header('host') ?? '');
    if (isIP(host) === 0 && !allowed.has(host))
      return context.text(`This server does not answer to the name ${host}.`, 421);
    await next();
  };
}

function hostName(header: string): string {
  return header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
}

const tokenCookie = 'autopilot-token';

/** Lets in who shows the token, as `?token=` once (then a cookie keeps it) or as a bearer token. */
export function requireToken(token: string): MiddlewareHandler {
  return async (context, next) => {
    const asked = context.req.query('token');
    if (asked !== undefined && same(asked, token)) {
      setCookie(context, tokenCookie, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return context.req.method === 'GET' && context.req.path === '/' ? context.redirect('/') : next();
    }
    const bearer = context.req.header('authorization')?.replace(/^Bearer /i, '');
    if (same(bearer ?? '', token) || same(getCookie(context, tokenCookie) ?? '', token)) return next();
    return context.text('A token is needed: open the address that `autopilot dashboard` printed.', 401);
  };
}

/** A page elsewhere can make a browser post here, but not with this header. */
export function sameOriginOnly(): MiddlewareHandler {
  return async (context, next) => {
    if (context.req.header('x-autopilot') === undefined)
      return context.json({ error: 'The header X-Autopilot is missing.' }, 403);
    await next();
  };
}

function same(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
