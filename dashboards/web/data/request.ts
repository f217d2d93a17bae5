/** A refusal of the API: problem details (RFC 9457), or a failed connection as status 0. */
export class ApiError extends Error {
  status: number;
  code: string;
  reference: string | null;
  constructor(status: number, problem: { code?: string; title?: string; reference?: string }) {
    super(problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.reference = problem.reference ?? null;
  }
}

const problemOf = async (response: Response): Promise<{ code?: string; title?: string; reference?: string }> => {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
};

const send = async (path: string, init: RequestInit): Promise<Response> => {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...init });
  } catch (err) {
    if (init.signal?.aborted) throw err;
    throw new ApiError(0, { code: 'offline' });
  }
  if (!response.ok) throw new ApiError(response.status, await problemOf(response));
  return response;
};

/** Reads JSON. Throws ApiError. */
export const getJson = async <T>(path: string, signal?: AbortSignal): Promise<T> => {
  const response = await send(path, { headers: { accept: 'application/json' }, ...(signal && { signal }) });
  return (await response.json()) as T;
};

/** Asks for a change, with the session's token against forged requests. Throws ApiError. */
export const postChange = async (path: string, csrf: string): Promise<void> => {
  await send(path, { method: 'POST', headers: { 'x-csrf-token': csrf } });
};
