/** A package as dpkg has it installed. `architecture` undefined: the list does not say. */
export type InstalledPackage = { readonly name: string; readonly version: string; readonly architecture?: string };

/** A list that somebody gave, as it was read. */
export type PackageList = {
  readonly packages: readonly InstalledPackage[];
  /** Lines that are no package: how many, and the first few. Not those that every such list has around its packages. */
  readonly unread: number;
  readonly unreadLines: readonly { readonly line: number; readonly text: string }[];
};

/**
 * What is known of an installed package, by its name, version and architecture: reproduced: the published file came out
 * again, byte for byte. differs: it did not. inconclusive: it was tried, and nothing is known of it. untried: it is
 * listed here. unknown: it is not. The worst of all files of that name.
 */
export const HOST_STATES = ['differs', 'inconclusive', 'untried', 'unknown', 'reproduced'] as const;
export type HostState = (typeof HOST_STATES)[number];

export type HostPackage = InstalledPackage & {
  readonly state: HostState;
  /** How many rebuilders had its bytes come out: workers, each by its key, and all imported results as one. */
  readonly rebuilders: number;
  /** Where one of the published files of that name is from. */
  readonly distribution?: string;
  readonly release?: string;
  readonly source?: string;
  readonly reason?: string;
  readonly resultId?: number;
  readonly sha256?: string;
};

/** A whole list, what needs looking at first. */
export type HostReport = {
  readonly counts: Readonly<Record<HostState, number>>;
  readonly total: number;
  readonly packages: readonly HostPackage[];
  readonly unread: number;
  readonly unreadLines: PackageList['unreadLines'];
};
