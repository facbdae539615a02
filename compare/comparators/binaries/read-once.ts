/** The same promise for the same object, as long as that is held: what it is read from does not change. */
export function readOnce<Of extends object, What>(read: (of: Of) => Promise<What>): (of: Of) => Promise<What> {
  const known = new WeakMap<Of, Promise<What>>();
  return (of) => {
    const what = known.get(of) ?? read(of);
    known.set(of, what);
    return what;
  };
}
