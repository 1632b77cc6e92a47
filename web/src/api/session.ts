/**
 * Who is signed in, and in which workspace calls are made. A call that finds its session ended waits until it has been
 * renewed and is then sent again, so that nothing typed is lost.
 */
import { lost } from './connection';
import { problemOf, Unreachable } from './errors';
import type { components } from './schema';
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

/** The workspace that calls are made in: the chosen one, else the demo as long as there is one, else the oldest. */
export function here(all: SessionWorkspace[], chosen: string | undefined): SessionWorkspace | undefined {
  return all.find((one) => one.name === chosen) ?? all.find((one) => one.demo) ?? all[0];
}

/** Its name, for whoever makes a call. */
export function hereNow(): string | undefined {
  const state = session.get();
  return 'session' in state ? here(state.session.workspaces, workspace.get())?.name : workspace.get();
}

const URL = '/api/v1/session';

/** Ask the server who is signed in. */
export async function readSession(): Promise<void> {
  const answer = await ask(URL);
  if (!answer.ok) throw await problemOf(answer);
  session.set(told(await answer.json()));
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

function told({ user, setup, csrf, workspaces }: components['schemas']['Session']): SessionState {
  if (user === null || csrf === null) return { status: setup ? 'first_run' : 'out' };
  return { status: 'in', session: { user: user.email, workspaces, csrf } };
}
