# SPDX-License-Identifier: GPL-2.0-or-later
#
# Writes a makefile that compiles our C files in FRR's tree with -Werror:
#
#	awk -f strict.awk frr.ours frr/Makefile > strict.mk
#
# FRR warns with -Wall -Wextra and more, but its own files are not free of
# warnings with every compiler, and automake knows no flags per object.  So our
# objects are made first, by the same rules and with one flag more; the build of
# all that follows finds them up to date.  One source may be compiled twice
# (vpnd's CLI is in mgmtd as well), with a prefix in the object's name.

FNR == NR {
	ours[$1] = 0
	next
}

# automake breaks the line of a long name
/^[^ \t:=]+\/[^ \t:=]+\.(lo|\$\(OBJEXT\)):(.*am__dirstamp| +\\$)/ {
	object = target = substr($0, 1, index($0, ":") - 1)
	sub(/\.(lo|\$\(OBJEXT\))$/, "", target)
	folder = name = target
	sub(/[^\/]*$/, "", folder)
	sub(/^.*\//, "", name)
	plain = name
	sub(/^.*-/, "", plain)
	source = (folder name ".c") in ours ? folder name ".c" : folder plain ".c"
	if (!(source in ours))
		next
	ours[source]++
	objects = objects " \\\n\t" object
}

END {
	print "include Makefile"
	print "strict-before: $(BUILT_SOURCES) lib/clippy$(EXEEXT)"
	print "strict: CFLAGS += -Wall -Wextra -Werror"
	print "strict:" objects
	print ".PHONY: strict strict-before"
	for (source in ours)
		if (!ours[source])
			print "warning: " source " is in no subdir.am: not compiled" > "/dev/stderr"
}
