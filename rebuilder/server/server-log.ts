/** One line of the server's log. `facts` hold no secrets. */
export type ServerLog = (line: {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly facts?: Readonly<Record<string, unknown>>;
}) => void;
