# Two commands matter: `make run` and `make test`. Both do all the set-up they need.

PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
export CCACHE_BASEDIR := $(CURDIR)
export CCACHE_NOHASHDIR := 1
sources = git ls-files 'src/*.cpp' 'src/*.h' 'bench/*.cpp' 'bench/*.h'

.PHONY: help setup setup-test build run test unit clients conformance bench lint format fuzz tsan install docs clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## system packages and the pinned C++ SDKs, into .deps/
	@command -v python3 >/dev/null || { echo "python3 is missing; as root, type: apt-get install python3"; exit 1; }
	@tools/setup

setup-test:
	@command -v python3 >/dev/null || { echo "python3 is missing; as root, type: apt-get install python3"; exit 1; }
	@tools/setup --test

build: setup ## the release binary at build/slipway
	@JOBS=$(JOBS) tools/build release
	@ln -sf release/src/slipway build/slipway

build/.folder:
	@mkdir -p build && touch $@
build: build/.folder

run: build ## the whole lifecycle on real flights (ONCE=1: exit at the end)
	@examples/flights/run $(if $(ONCE),--once)

test: setup-test build unit clients ## everything that must hold; its long tests are in conformance

unit: setup-test build/.folder
	@tools/check_layers
	@JOBS=$(JOBS) tools/build debug
	@ctest --test-dir build/debug --output-on-failure -j $(JOBS)

clients: build ## the real clients against the real binary
	@tests/run

conformance: setup-test build ## the same on both databases, with the long tests: crashes, full disks, any request
	@SLIPWAY_TEST_FULL=1 tests/run

bench: build ## the figures of the README, measured beside their limits
	@bench/run

lint: setup-test build/.folder ## layers, format, clang-tidy
	@tools/check_layers
	@$(sources) | xargs clang-format-14 --dry-run --Werror
	@cmake --preset debug >build/debug.log 2>&1 || { cat build/debug.log; exit 1; }
	@git ls-files 'src/*.cpp' | grep -vE '_(fuzz|benchmark)\.cpp$$' | xargs -P $(JOBS) -n 4 clang-tidy-14 --quiet --extra-arg=-Wno-unknown-warning-option -p build/debug

format: ## clang-format over all sources
	@$(sources) | xargs clang-format-14 -i

fuzz: setup-test build/.folder ## every fuzz target, FUZZ_SECONDS each (default 60)
	@JOBS=$(JOBS) tools/build fuzz fuzzers
	@tools/fuzz $(or $(FUZZ_SECONDS),60)

tsan: setup-test build/.folder ## the concurrent modules under ThreadSanitizer
	@JOBS=$(JOBS) tools/build tsan base_test sql_test http_test jobs_test serving_test webhooks_test
	@TSAN_OPTIONS=suppressions=$(CURDIR)/tools/tsan.supp ctest --test-dir build/tsan --output-on-failure -R '^(base|sql|http|jobs|serving|webhooks)$$'

install: build ## a relocatable tree below PREFIX
	@cmake --install build/release --prefix "$(PREFIX)"

docs: build ## docs/cli.md from the program itself
	@build/slipway help --markdown > docs/cli.md

clean: ## remove what was built (keeps .deps)
	@rm -rf build
