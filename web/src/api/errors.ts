/** What can go wrong between the browser and the server. */
import type { components } from './schema';

export type Problem = components['schemas']['Problem'];

/** The server answered that it cannot do this; it says why, where, and what to do about it. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | null;
  readonly fix: string | null;
  readonly details: ReadonlyArray<Record<string, unknown>>;

  constructor(status: number, problem: Pick<Problem, 'code' | 'message'> & Partial<Problem>) {
    super(problem.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code;
    this.field = problem.field ?? null;
    this.fix = problem.fix ?? null;
    this.details = problem.details ?? [];
  }
}

/** No answer came. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The error in an answer; also when something in between answered, and not in our shape. */
export async function problemOf(response: Response): Promise<ApiError> {
  try {
    const body: unknown = await response.clone().json();
    if (isFailure(body)) return new ApiError(response.status, body.error);
  } catch {
    // not JSON: a proxy's page, or nothing
  }
  return new ApiError(response.status, {
    code: 'http_error',
    message: `HTTP ${response.status} ${response.statusText}`,
  });
}

function isFailure(body: unknown): body is { error: Problem } {
  return typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object';
}
