# make install [DESTDIR=…] [PREFIX=/usr/local] [APPDIR=/opt/ttsd] [EXTRAS=qwen]: the service of the whole machine.
# make uninstall [PURGE=1]: takes it away again; what was spoken, logged and configured stays unless PURGE=1.
# Both may be run again at any time. With DESTDIR nothing outside it is touched.

DESTDIR ?=
PREFIX ?= /usr/local
APPDIR ?= /opt/ttsd
EXTRAS ?=
# Not whatever python3 comes first in PATH: the service's user must be able to run it.
INSTALL_PYTHON ?= /usr/bin/python3

unit_dir = $(DESTDIR)$(PREFIX)/lib/systemd/system
user_unit_dir = $(DESTDIR)$(PREFIX)/lib/systemd/user
sysusers_dir = $(DESTDIR)$(PREFIX)/lib/sysusers.d
tmpfiles_dir = $(DESTDIR)$(PREFIX)/lib/tmpfiles.d
doc_dir = $(DESTDIR)$(PREFIX)/share/doc/ttsd
config_file = $(DESTDIR)/etc/ttsd/config.toml
venv_dir = $(DESTDIR)$(APPDIR)
commands = ttsd ttsd-tui
state_dirs = /var/lib/ttsd /var/cache/ttsd /var/log/ttsd

system_units = ttsd.service ttsd.socket ttsd@.service ttsd@.socket ttsd-folders@.service \
	ttsd-gpu.service ttsd-late-gpu.path ttsd-late-gpu.service
user_units = ttsd.service ttsd.socket
with_paths = sed -e 's|/opt/ttsd/|$(APPDIR)/|' -e 's|/usr/local/|$(PREFIX)/|'
systemd_runs = [ -z "$(DESTDIR)" ] && [ -d /run/systemd/system ]

.PHONY: install uninstall install-package install-files install-activate

install: install-activate

install-package:
	umask 022; set -e; \
	[ -x $(venv_dir)/bin/python3 ] || $(INSTALL_PYTHON) -m venv $(venv_dir); \
	$(venv_dir)/bin/python3 -m pip install --quiet --disable-pip-version-check --no-input \
		$(if $(wildcard constraints.txt),--constraint constraints.txt) '.$(if $(EXTRAS),[$(EXTRAS)])'; \
	$(if $(DESTDIR),grep -rlIF '$(DESTDIR)$(APPDIR)' $(venv_dir)/bin $(venv_dir)/pyvenv.cfg | xargs -r sed -i 's|$(DESTDIR)$(APPDIR)|$(APPDIR)|g';) \
	install -d $(DESTDIR)$(PREFIX)/bin; \
	for command in $(commands); do ln -sfn $(APPDIR)/bin/$$command $(DESTDIR)$(PREFIX)/bin/$$command; done

install-files: install-package
	umask 022; set -e; \
	install -d $(unit_dir) $(user_unit_dir) $(sysusers_dir) $(tmpfiles_dir) $(doc_dir) $(dir $(config_file)); \
	for unit in $(system_units); do $(with_paths) systemd/$$unit >$(unit_dir)/$$unit; done; \
	for unit in $(user_units); do $(with_paths) systemd/user/$$unit >$(user_unit_dir)/$$unit; done; \
	install -m 644 systemd/sysusers.d/ttsd.conf $(sysusers_dir)/ttsd.conf; \
	install -m 644 systemd/tmpfiles.d/ttsd.conf $(tmpfiles_dir)/ttsd.conf; \
	install -m 644 -t $(doc_dir) $(wildcard README.md README.zh-CN.md CHANGELOG.md LICENSE) docs/systemd.md config.toml; \
	[ -e $(config_file) ] || sed 's/^\([a-z0-9_]* = \)/#\1/' config.toml >$(config_file)
	@# A key that is commented out follows the default of the next release.

install-activate: install-files
	@set -e; \
	if $(systemd_runs); then \
		systemd-sysusers ttsd.conf; \
		systemd-tmpfiles --create ttsd.conf; \
		systemctl daemon-reload; \
		systemctl try-restart ttsd.service 'ttsd@*.service'; \
		echo 'Installed. To start it now and at every boot: systemctl enable --now ttsd.service'; \
		echo 'To let a user drop files and use the socket:  adduser USER ttsd'; \
	else \
		echo 'Installed in $(DESTDIR)$(APPDIR); systemd was not told.'; \
	fi

uninstall:
	@set -e; \
	if $(systemd_runs); then \
		systemctl disable --now --quiet ttsd.service ttsd.socket 2>/dev/null || true; \
		systemctl stop 'ttsd@*.service' 'ttsd@*.socket' ttsd-late-gpu.path 2>/dev/null || true; \
	fi; \
	rm -f $(DESTDIR)/etc/systemd/system/*.wants/ttsd@*; \
	rm -rf $(venv_dir) $(doc_dir); \
	for command in $(commands); do rm -f $(DESTDIR)$(PREFIX)/bin/$$command; done; \
	for unit in $(system_units); do rm -f $(unit_dir)/$$unit; done; \
	for unit in $(user_units); do rm -f $(user_unit_dir)/$$unit; done; \
	rm -f $(sysusers_dir)/ttsd.conf $(tmpfiles_dir)/ttsd.conf; \
	if $(systemd_runs); then systemctl daemon-reload; systemctl reset-failed 'ttsd*' 2>/dev/null || true; fi; \
	state=$$(ls -d $(foreach place,$(state_dirs),$(DESTDIR)$(place) $(DESTDIR)$(place)-*) $(DESTDIR)/etc/ttsd 2>/dev/null || true); \
	if [ -n "$(PURGE)" ]; then \
		rm -rf $$state; \
		if $(systemd_runs); then rm -rf /run/ttsd /run/ttsd-*; fi; \
		if [ -z "$(DESTDIR)" ]; then \
			if getent passwd ttsd >/dev/null; then userdel ttsd; fi; \
			for group in ttsd ttsd-admin; do if getent group $$group >/dev/null; then groupdel $$group; fi; done; \
		fi; \
	else \
		echo "Left in place:" $$state", the user ttsd, the groups ttsd and ttsd-admin; PURGE=1 takes them too."; \
	fi
