/** One thing looked at. `todo` says what a person can do about it. */
export type Check =
  | { readonly name: string; readonly state: 'ok'; readonly detail: string }
  | { readonly name: string; readonly state: 'warn' | 'fail'; readonly detail: string; readonly todo: string };

export const ok = (name: string, detail: string): Check => ({ name, state: 'ok', detail });
export const warn = (name: string, detail: string, todo: string): Check => ({ name, state: 'warn', detail, todo });
export const fail = (name: string, detail: string, todo: string): Check => ({ name, state: 'fail', detail, todo });
