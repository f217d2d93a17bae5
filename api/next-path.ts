/**
 * Where to go after signing in: a path of this site, or the dashboard. Anything that a browser would read as another
 * site (`//host`, `/\host`, `https:…`, control characters in between) becomes the dashboard.
 */
export function nextPath(wanted: string | undefined, publicUrl: string): string {
  const fallback = '/dashboard';
  if (!wanted?.startsWith('/') || wanted.length > 500) return fallback;
  try {
    const here = new URL(publicUrl);
    const there = new URL(wanted, here);
    // `/api` paths are refused too: signing in must not lead back into signing in.
    if (there.origin !== here.origin || there.pathname.startsWith('//')) return fallback;
    if (/^\/api(\/|$)/.test(there.pathname)) return fallback;
    return `${there.pathname}${there.search}`;
  } catch {
    return fallback;
  }
}
