# make deb: build/ttsd_VERSION_ARCHITECTURE.deb, for this Debian and its Python (needs dpkg-dev and debhelper).
# DEB_PACKER=none packs quickly; DEB_SEED=FILE.tar is a virtual environment to start from.

DEB_OUT ?= build
deb_tree = $(DEB_OUT)/deb/ttsd

.PHONY: deb
deb:
	rm -rf $(DEB_OUT)/deb
	install -d $(deb_tree)
	cp -a README.md README.zh-CN.md CHANGELOG.md LICENSE config.toml constraints.txt pyproject.toml ttsd tui docs systemd debian \
		$(deb_tree)
	find $(deb_tree) -name __pycache__ -type d -prune -exec rm -r {} +
	cd $(deb_tree) && env $(if $(DEB_SEED),SEED_TAR=$(abspath $(DEB_SEED))) $(if $(DEB_PACKER),DEB_PACKER=$(DEB_PACKER)) \
		dpkg-buildpackage --build=binary --no-sign >../log 2>&1 || { cat ../log; exit 1; }
	mv $(DEB_OUT)/deb/ttsd_*.deb $(DEB_OUT)/
	rm -rf $(deb_tree)
	@ls -sh $(DEB_OUT)/ttsd_*.deb
