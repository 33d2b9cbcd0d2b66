import { createHash, timingSafeEqual } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { AutopilotError } from '../domain/errors.ts';
import { refusedHost } from '../monitor/host-header.ts';

/** Everything comes from this server, nothing is inline, and nothing may frame the page. */
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
    // A report has its own policy.
    if (!context.res.headers.has('Content-Security-Policy'))
      context.header('Content-Security-Policy', contentSecurityPolicy);
    context.header('X-Content-Type-Options', 'nosniff');
    context.header('Referrer-Policy', 'no-referrer');
    context.header('Cross-Origin-Opener-Policy', 'same-origin');
    context.header('Cross-Origin-Resource-Policy', 'same-origin');
  };
}

/** Refuses requests addressed to another server's name. */
export function allowedHosts(names: string[]): MiddlewareHandler {
  return async (context, next) => {
    const refused = refusedHost(context.req.header('host'), names);
    if (refused !== null) return context.text(`This server does not answer to the name ${refused}.`, 421);
    await next();
  };
}

/** Minimum number of characters in a token: shorter ones can be guessed. */
const leastToken = 16;

/** Refuses what would open the page to everyone: an empty host means every address, an empty token protects nothing. */
export function requireSafe({ host, token }: { host: string; token: string | undefined }): void {
  if (host.trim() === '') {
    throw new AutopilotError(
      'dashboard.host',
      'host is empty, which would mean listening on every address. Give one, or leave it out for 127.0.0.1.',
    );
  }
  if (token !== undefined && !new RegExp(`^[\\w.~+-]{${leastToken},}$`).test(token)) {
    throw new AutopilotError(
      'dashboard.token',
      `token has ${token.length} characters; give at least ${leastToken} letters, digits, "-" and "_" (openssl rand -hex 16), or leave it out to have one generated.`,
    );
  }
}

/**
 * Admits requests that carry the token, either once as `?token=` (a cookie then keeps it) or as a bearer token.
 * Browsers send a host's cookies to all its ports, so each dashboard has its own cookie name.
 */
export function requireToken(token: string, cookieName: () => string): MiddlewareHandler {
  return async (context, next) => {
    const asked = context.req.query('token');
    if (asked !== undefined && same(asked, token)) {
      setCookie(context, cookieName(), token, { httpOnly: true, sameSite: 'Strict', path: '/' });
      return context.req.method === 'GET' && context.req.path === '/' ? context.redirect('/') : next();
    }
    const bearer = context.req.header('authorization')?.replace(/^Bearer /i, '');
    if (same(bearer ?? '', token) || same(getCookie(context, cookieName()) ?? '', token)) return next();
    return context.text('A token is needed: open the address that `autopilot dashboard` printed.', 401);
  };
}

/** The name differs for each project and port. */
export function cookieNameOf(project: string, port: number): string {
  return `autopilot-${createHash('sha256').update(`${project}\0${port}`).digest('hex').slice(0, 16)}`;
}

/** Requires a header that a foreign page cannot add when it makes a browser post here. */
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
