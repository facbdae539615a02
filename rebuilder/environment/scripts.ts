/**
 * How a root file system is made from packages. Any change of these scripts that changes what comes out is a new number:
 * the number is in the lock, so an old lock never names a new root file system.
 */
export const RECIPE = 1;

/** What files that installation scripts make are dated with: seconds since 1970. Packaged files keep their own dates. */
export const GENERATED_FILE_DATE = 1_700_000_000;

/** Where our own input lies inside a container while its root file system is made; gone afterwards. */
export const WORK_FOLDER = '/reproof';

/** The users a build may run as. The second is the control rebuild's. */
export const BUILD_USERS = [
  { name: 'build', uid: 1001 },
  { name: 'control', uid: 1777 },
] as const;

const PREAMBLE = `set -eu
umask 022
export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true SOURCE_DATE_EPOCH=${GENERATED_FILE_DATE}
export LC_ALL=C.UTF-8 TZ=UTC HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`;

/**
 * Installs the packages of one layer. Arguments: "base" or "layer". Reads ${WORK_FOLDER}/remove (names, one a line) and
 * ${WORK_FOLDER}/batches (each line: the .deb files to unpack at once, then configured).
 * Dependency order inside a batch is dpkg's; --force-depends only lets it unpack in any order: the configuration after it
 * is without force, so a set of packages that does not hold together fails.
 */
export const INSTALL_SCRIPT = `${PREAMBLE}
cd ${WORK_FOLDER}
: > stamp
sleep 0.02
if [ "$1" = base ]; then
  mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/triggers /var/lib/dpkg/alternatives /var/lib/dpkg/parts
  : > /var/lib/dpkg/status
  : > /var/lib/dpkg/available
fi
# invoke-rc.d(8): nothing is started inside a build environment.
printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
if [ -s remove ]; then dpkg --force-depends --force-unsafe-io --remove $(cat remove); fi
while read -r files; do
  dpkg --force-depends --force-unsafe-io --unpack $files
  dpkg --force-unsafe-io --configure --pending
done < batches
dpkg --audit
rm -f /usr/sbin/policy-rc.d
if [ "$1" = base ]; then
${BUILD_USERS.map(
  ({ name, uid }) => `  echo '${name}:x:${uid}:${uid}::/nonexistent:/bin/sh' >> /etc/passwd
  echo '${name}:x:${uid}:' >> /etc/group`,
).join('\n')}
  # A new volume takes the owner of the folder it is laid over.
  mkdir -p /build
  chown ${BUILD_USERS[0].uid}:${BUILD_USERS[0].uid} /build
fi
`;

/**
 * Takes out what installing leaves that says nothing about the packages (logs, caches, backups of a moment ago), dates
 * generated files alike, and prints a line "generated SHA-256 PATH" for each generated file, so that two root file
 * systems made from one lock can be told apart by file.
 */
export const NORMALISE_SCRIPT = `${PREAMBLE}
cd /
rm -rf /tmp/* /var/tmp/* /var/cache/ldconfig/aux-cache /var/cache/apt/*.bin /var/lib/apt/lists/*
rm -f /var/lib/dpkg/*-old /var/cache/debconf/*-old /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- /etc/subuid- /etc/subgid-
rm -f /var/lib/dpkg/lock /var/lib/dpkg/lock-frontend /var/lib/dpkg/triggers/Lock /var/lib/dbus/machine-id /root/.wget-hsts
find /var/log -xdev -type f -delete
if [ -e /etc/machine-id ]; then : > /etc/machine-id; fi
find / -xdev -newer ${WORK_FOLDER}/stamp ! -path '${WORK_FOLDER}*' ! -path /proc ! -path /sys ! -path /dev ! -path /etc/hosts ! -path /etc/hostname ! -path /etc/resolv.conf ! -path /etc/mtab -print0 > /dev/shm/generated
# The engine makes mount points in these two before anything of ours runs.
printf '/\\0/etc\\0' >> /dev/shm/generated
rm -rf ${WORK_FOLDER}
xargs -0r touch -h -d @${GENERATED_FILE_DATE} < /dev/shm/generated
xargs -0r sh -c 'for f; do if [ -f "$f" ] && [ ! -L "$f" ]; then printf "%s\\0" "$f"; fi; done' sh < /dev/shm/generated | LC_ALL=C sort -z | xargs -0r sha256sum | sed 's/^/generated /'
`;

/**
 * The canonical tar of a root file system, as anybody can repeat it with GNU tar in the same root: names sorted by byte,
 * numeric owners, PAX headers without access and change times, extended attributes in, our own work folder, the kernel's
 * file systems and the files the container engine lays over (hosts, hostname, resolv.conf, mtab) out.
 */
export const DIGEST_SCRIPT = `cd / && LC_ALL=C tar --sort=name --numeric-owner --format=pax --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime --xattrs --exclude=./proc --exclude=./sys --exclude=./dev --exclude=.${WORK_FOLDER} --exclude=./.dockerenv --exclude=./etc/hosts --exclude=./etc/hostname --exclude=./etc/resolv.conf --exclude=./etc/mtab -cf - . | sha256sum`;
