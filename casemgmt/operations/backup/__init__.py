"""Backup, restore and the drill that proves them.

Three archives are one backup, a *set*: ``main`` (the records), ``files`` and ``keystore``. The first two lie in one
place and the key store in another, because both in one hand open everything.

**Which is taken first.** A reader of the restored records needs their keys and their files, so the records go first:
a case's keys are committed before the case, and a file has reached the disk before a record names it. What is written
while the backup runs is in the later parts only, where nobody asks for it. Three things take something away:

* an erasure destroys keys and files: what it took shall not come back, and the tombstones in the later part say so;
* a renewal of a case's keys deletes the old keys and the old files of values that the records, taken a moment before,
  still hold under them: such a set would be unreadable for that case, so it is thrown away and taken again;
* so it is with an epoch of a shared key that was destroyed.

**What lies where.** A set is a folder ``haven-<moment>-<random>``. It is written under another name and gets its own
once every byte of it has reached the disk, so a backup that stopped half-way is never mistaken for one. Beside each
archive lies a manifest, signed by the vault: checksum, sizes, counts and dates, and nothing about anybody.

Archives are sealed in the age format (age-encryption.org/v1) while they stream: nothing of them touches a disk unsealed.
On SQLite a copy of the records (as encrypted as they are themselves) lies in the home's ``tmp`` until it is sealed. Of
the key store there is never a copy on a disk: what is erased from it must not stay behind in one.
"""
