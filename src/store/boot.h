/*
 * boot: which start of the machine this is.  Data that was written but not synced is lost when that
 * changes.
 */
#ifndef STORE_BOOT_H
#define STORE_BOOT_H

#define BOOT_ID_SIZE 40

/* The kernel's boot id, random(4), or "" where /proc is not mounted. */
void boot_id(char buf[BOOT_ID_SIZE]);

#endif
