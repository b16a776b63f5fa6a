# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unit tests and fuzz targets; included by Makefile.
#
# Each tests/unit/test_NAME.c is a cmocka program, each tests/fuzz/fuzz_NAME.c
# has an LLVMFuzzerTestOneInput.  Adding one is adding the file: what it is
# linked with it says itself, on lines of its own near its head:
#
#	/* link: vpnd/vici.c vpnd/vpn_label.c */	sources, from the top of the checkout; * is any
#	/* but: vpnd/vpn_main.c */			sources that "link" means and are left out; * is any
#	/* libs: frr bgpd strongswan charon mnl */	libraries; any other NAME is -lNAME
#	/* flags: -DSOMETHING */			rarely needed
#
# Sources are compiled again for each program, with AddressSanitizer and
# UndefinedBehaviorSanitizer always on.  libfrr and libbgp come from build/frr;
# libstrongswan and libcharon are the installed ones.

SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

UNIT_TESTS := $(patsubst $(srcdir)/%.c,%,$(sort $(wildcard $(srcdir)/tests/unit/test_*.c)))
FUZZ_TARGETS := $(patsubst $(srcdir)/%.c,%,$(sort $(wildcard $(srcdir)/tests/fuzz/fuzz_*.c)))
# what is written in Python is tested in Python: unittest, run with BUILD and SRCDIR in its environment
PYTHON_TESTS := $(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/tests/unit/test_*.py)))
# --disable-vpn-server leaves out what is said to be made of it
ifeq ($(VPN_SERVER),no)
OF_VPN_SERVER := $(shell cd $(srcdir) && grep -lE 'vpn-server/|vpn_server|vpn-serverd|vpnctl' tests/unit/test_* tests/fuzz/fuzz_*.c)
UNIT_TESTS := $(filter-out $(OF_VPN_SERVER:.c=),$(UNIT_TESTS))
FUZZ_TARGETS := $(filter-out $(OF_VPN_SERVER:.c=),$(FUZZ_TARGETS))
PYTHON_TESTS := $(filter-out $(OF_VPN_SERVER),$(PYTHON_TESTS))
endif
PROGRAMS := $(UNIT_TESTS) $(FUZZ_TARGETS)

# tests/unit/test_spi: link.tests/unit/test_spi, but.…, libs.… and flags.… as the file says
$(foreach line,$(shell cd $(srcdir) && awk -f tests/index.awk $(PROGRAMS:=.c) </dev/null),$(eval $(subst ~, ,$(line))))
any = $(foreach name,$(1),$(if $(findstring *,$(name)),$(patsubst $(srcdir)/%,%,$(sort $(wildcard $(srcdir)/$(name)))),$(name)))
$(foreach program,$(PROGRAMS),$(eval link.$(program) := $(filter-out $(call any,$(but.$(program))),$(call any,$(link.$(program))))))

# ---- libraries

FRR_CFLAGS = -DHAVE_CONFIG_H -DCONFDATE=0 -fms-extensions -isystem $(B)/frr/lib/assert -I$(B)/frr \
	-I$(B)/frr/include -I$(B)/frr/lib $(shell $(PKG_CONFIG) --cflags libyang json-c)
FRR_LIBS = $(B)/frr/lib/.libs/libfrr.so -Wl,-rpath,$(B)/frr/lib/.libs \
	$(shell $(PKG_CONFIG) --libs libyang json-c)
CHARON_CFLAGS = -include $(B)/strongswan/config.h -isystem $(STRONGSWAN_SOURCE)/src/libstrongswan \
	-isystem $(STRONGSWAN_SOURCE)/src/libcharon

cflags.frr = $(FRR_CFLAGS)
cflags.bgpd = $(FRR_CFLAGS)
cflags.strongswan = $(CHARON_CFLAGS)
cflags.pq = $(shell $(PKG_CONFIG) --cflags libpq)
cflags.charon = $(CHARON_CFLAGS)
ldlibs.frr = $(FRR_LIBS)
ldlibs.bgpd = $(B)/frr/bgpd/libbgp.a $(B)/frr/bgpd/rfp-example/librfp/librfp.a $(FRR_LIBS) -lm
ldlibs.strongswan = $(ipseclibdir)/libstrongswan.so.0 -Wl,-rpath,$(ipseclibdir)
ldlibs.charon = $(ipseclibdir)/libcharon.so.0 $(ldlibs.strongswan)
needs.frr = frr
needs.bgpd = frr
needs.strongswan = $(B)/strongswan/config.h
needs.charon = $(B)/strongswan/config.h
ldlibs_of = $(if $(filter undefined,$(origin ldlibs.$(1))),-l$(1),$(ldlibs.$(1)))

# libbgp.a changes when FRR is built
$(B)/frr/bgpd/libbgp.a: frr
	@:
archives.bgpd = $(B)/frr/bgpd/libbgp.a

TEST_CFLAGS = $(OUR_CFLAGS) $(SANITIZE) -Wno-unused-parameter -Wno-missing-field-initializers \
	-Wno-sign-compare -U_FORTIFY_SOURCE -O1

# ---- programs

# $(1): path without .c; $(2): further objects; $(3): flags; $(4): libraries
define program_rules
$(B)/$(1): $(patsubst %.c,$(B)/$(1).o/%.o,$(1).c $(link.$(1))) $(2) \
		$(foreach lib,$(libs.$(1)),$(archives.$(lib)))
	$$(call say,CCLD     $(1))$$(CC) $$(CFLAGS) $$(SANITIZE) $(3) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) \
		$$(foreach lib,$(libs.$(1)) $(4),$$(call ldlibs_of,$$(lib)))
$(B)/$(1).o/%.o: $(srcdir)/%.c $(B)/config.mk | $(sort $(foreach lib,$(libs.$(1)),$(needs.$(lib))))
	@mkdir -p $$(@D)
	$$(call say,CC       $$(patsubst $(B)/%,%,$$@))$$(CCACHED_CC) $$(TEST_CFLAGS) $(3) $$(foreach lib,$(libs.$(1)),$$(cflags.$$(lib))) $(flags.$(1)) \
		-MMD -MP -c -o $$@ $$<
-include $(patsubst %.c,$(B)/$(1).o/%.d,$(1).c $(link.$(1)))
endef

# clang brings libFuzzer; with gcc our own driver is guided by its trace-pc
COMPILER_IS_CLANG := $(if $(findstring clang,$(shell $(CC) --version 2>/dev/null)),yes)
FUZZ_FLAGS = $(if $(COMPILER_IS_CLANG),-fsanitize=fuzzer,-fsanitize-coverage=trace-pc)
FUZZ_DRIVER = $(if $(COMPILER_IS_CLANG),,$(B)/tests/fuzz/driver.o)

$(B)/tests/fuzz/driver.o: $(srcdir)/tests/fuzz/driver.c $(B)/config.mk
	@mkdir -p $(@D)
	$(call say,CC       tests/fuzz/driver.o)$(CCACHED_CC) $(TEST_CFLAGS) -c -o $@ $<

$(foreach test,$(UNIT_TESTS),$(eval $(call program_rules,$(test),,,cmocka)))
$(foreach target,$(FUZZ_TARGETS),$(eval $(call program_rules,$(target),$$(FUZZ_DRIVER),$$(FUZZ_FLAGS),)))

# ---- runs

FUZZ_RUNS ?= 50000
FUZZ_SECONDS ?= 60
FUZZ_SEED ?= 1
# FUZZ=packet: only that target
FUZZ ?= *
CHOSEN_FUZZ = $(patsubst $(srcdir)/%.c,%,$(sort $(wildcard $(srcdir)/tests/fuzz/fuzz_$(FUZZ).c)))

RUN_TESTS = $(PYTHON) $(BUILD_TOOLS)/run_tests.py --source $(srcdir) --build $(B)

.PHONY: check-programs
check-programs: $(PROGRAMS:%=$(B)/%)

# -k: a test that does not compile fails, and the others run nevertheless
check: all
	@built=0; $(MAKE) --no-print-directory -k $(JOBS) check-programs || built=1; \
	$(RUN_TESTS) --runs $(FUZZ_RUNS) --seed $(FUZZ_SEED) --junit $(B)/check.junit.xml \
		$(UNIT_TESTS) $(PYTHON_TESTS) $(FUZZ_TARGETS) && [ $$built = 0 ]

check-unit: $(UNIT_TESTS:%=$(B)/%) tools $(if $(filter yes,$(VPN_SERVER)),vpn-server)
	@$(RUN_TESTS) --junit $(B)/check-unit.junit.xml $(UNIT_TESTS) $(PYTHON_TESTS)

check-fuzz: $(FUZZ_TARGETS:%=$(B)/%)
	@$(RUN_TESTS) --runs $(FUZZ_RUNS) --seed $(FUZZ_SEED) --junit $(B)/check-fuzz.junit.xml $(FUZZ_TARGETS)

fuzz: $(FUZZ_TARGETS:%=$(B)/%)
	@$(RUN_TESTS) --seconds $(FUZZ_SECONDS) --seed $(FUZZ_SEED) --junit $(B)/fuzz.junit.xml $(CHOSEN_FUZZ)
