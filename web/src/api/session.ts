/**
 * Who is signed in, and in which workspace calls are made. A call that finds its session ended waits until it has been
 * renewed and is then sent again, so that nothing typed is lost.
 */
import { lost } from './connection';
import { type ApiError, problemOf, Unreachable } from './errors';
import { createStore } from './store';

export interface SessionWorkspace {
  name: string;
  clock: 'real' | 'virtual';
  /** Its visitors are simulated. */
  demo: boolean;
}

export interface Session {
  user: string;
  workspaces: SessionWorkspace[];
  csrf: string;
}

export type SessionState =
  | { status: 'unknown' }
  | { status: 'first_run' }
  | { status: 'out' }
  | { status: 'in'; session: Session }
  | { status: 'expired'; session: Session };

export const session = createStore<SessionState>({ status: 'unknown' });
export const workspace = createStore<string | undefined>(undefined);

const URL = '/api/v1/session';

/** Ask the server who is signed in. */
export async function readSession(): Promise<void> {
  const answer = await ask(URL);
  if (answer.ok) {
    session.set({ status: 'in', session: told(await answer.json()) });
    return;
  }
  const problem = await problemOf(answer);
  if (answer.status !== 401) throw problem;
  session.set({ status: isFirstRun(problem) ? 'first_run' : 'out' });
}

export const signIn = (email: string, password: string): Promise<void> => enter(URL, email, password);
export const setUp = (email: string, password: string): Promise<void> =>
  enter('/api/v1/setup', email, password);

export async function signOut(): Promise<void> {
  const state = session.get();
  if ('session' in state)
    await ask(URL, { method: 'DELETE', headers: { 'X-CSRF-Token': state.session.csrf } });
  session.set({ status: 'out' });
}

/** Ask for the password over whatever is on the screen; resolves when it was given. */
export function renewed(): Promise<void> {
  const state = session.get();
  if (state.status === 'in') session.set({ status: 'expired', session: state.session });
  return new Promise((resolve) => {
    const leave = session.subscribe(() => {
      if (session.get().status !== 'in') return;
      leave();
      resolve();
    });
  });
}

async function enter(url: string, email: string, password: string): Promise<void> {
  const answer = await ask(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw await problemOf(answer);
  await readSession();
}

async function ask(url: string, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { cache: 'no-store', ...init });
  } catch (cause) {
    lost();
    throw new Unreachable('', { cause });
  }
}

function told(answer: {
  user: string | { email: string };
  workspaces: SessionWorkspace[];
  csrf: string;
}): Session {
  return { ...answer, user: typeof answer.user === 'string' ? answer.user : answer.user.email };
}

const isFirstRun = (problem: ApiError): boolean => problem.code === 'setup_needed';
