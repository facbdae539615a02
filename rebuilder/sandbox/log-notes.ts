/** What programs say when a name cannot be resolved or an address cannot be reached, as resolvers and clients word it. */
const NETWORK_SIGNS = [
  /Temporary failure in name resolution/i,
  /Could not resolve (?:host|proxy)/i,
  /Name or service not known/i,
  /Network is unreachable/i,
  /No address associated with hostname/i,
  /getaddrinfo (?:EAI_AGAIN|ENOTFOUND|failed)/i,
  /dial tcp.*(?:lookup|unreachable)/i,
  /Failed to establish a new connection/i,
  /unable to resolve host address/i,
  /Bad hostname/i,
] as const;

/**
 * Notes on a failed build from the end of its log: that it tried to reach a network, with the line that shows it. A
 * sign, not a proof: a log is what the package chose to print.
 */
export function networkNotes(logTail: string): readonly string[] {
  const line = logTail.split('\n').find((text) => NETWORK_SIGNS.some((sign) => sign.test(text)));
  if (line === undefined) return [];
  return [`the build seems to have tried to reach a network; a rebuild has none: ${line.trim().slice(0, 300)}`];
}
