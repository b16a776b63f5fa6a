/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is the charon that loads us the one we were built for?
 *
 * strongSwan promises plugins nothing from version to version: fields move and
 * no symbol says so.  What can be asked without touching any of them is asked:
 * the version that the running program has in its text, and whether libcharon
 * has the symbols of the configuration we were built with.
 */
#ifndef VPNSPI_VERSION_H
#define VPNSPI_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The version behind "strongSwan " in size octets of a program's text, written
 * to version.  False: there is none.
 */
bool vpnspi_version_find(const uint8_t *text, size_t size, char *version, size_t version_size);

/* True: we may run here.  Else why not is in reason. */
bool vpnspi_version_check(char *reason, size_t reason_size);

#endif /* VPNSPI_VERSION_H */
