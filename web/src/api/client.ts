/** The one way to the server: typed by its own description, one error shape, one hereNow, one session. */
import createClient from 'openapi-fetch';
import { lost } from './connection';
import { problemOf, Unreachable } from './errors';
import type { components, paths } from './schema';
import { hereNow, renewed, session } from './session';

export type Schemas = components['schemas'];

export const api = createClient<paths>({ fetch: send });

/** The data of an answer. Throws ApiError when the server refused, Unreachable when it did not answer. */
export async function data<T>(call: Promise<{ data?: T }>): Promise<T> {
  // `send` throws for every answer that is an error, so what comes here has data, or none by design (204).
  return (await call).data as T;
}

async function send(request: Request): Promise<Response> {
  const again = request.clone();
  let answer = await attempt(request);
  if (answer.status === 401 && session.get().status !== 'out') {
    await renewed();
    answer = await attempt(again);
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

async function attempt(request: Request): Promise<Response> {
  const state = session.get();
  const name = hereNow();
  if (name !== undefined) request.headers.set('Milepost-Workspace', name);
  if (request.method !== 'GET' && 'session' in state) request.headers.set('X-CSRF-Token', state.session.csrf);
  try {
    return await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    lost();
    throw new Unreachable('', { cause });
  }
}
