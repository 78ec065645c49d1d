# The front desk. Each target works from a clean clone and asks no question; `make` alone says what there is.
.DEFAULT_GOAL := help
PYTHON := /usr/bin/python3
# Configuring is needed once; after that the build notices by itself when a CMakeLists.txt changes.
configured = test -f $(1)/build.ninja || cmake --preset $(2) >/dev/null

help: ## this list
	@sed -n 's/^\([a-z-]*\): *[a-z -]*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

packages:
	@tools/install_packages.sh build
test-packages:
	@tools/install_packages.sh test

build: packages ## ./build/sampan, optimised
	@$(call configured,build,release)
	@cmake --build --preset release --target sampan

demo: build ## the whole story on a real file and a real tree, with its proofs
	@$(PYTHON) tools/demo.py build/sampan

test: test-packages ## everything in the optimised build; ends with "N passed, N failed" (asan and tsan: targets of their own)
	@$(PYTHON) tools/run_tests.py release

asan: test-packages ## the suite under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(PYTHON) tools/run_tests.py asan

tsan: test-packages ## the threaded parts under ThreadSanitizer
	@$(PYTHON) tools/run_tests.py tsan

coverage: ## which lines of each room the unit tests run; fails where the core has less than 80 % (minutes)
	@tools/install_packages.sh coverage
	@$(PYTHON) tools/coverage.py

fuzz: test-packages ## replay every fuzz seed through every parser, under the sanitizers
	@$(PYTHON) tools/run_tests.py --only fuzz asan

serve: build ## a server on this machine; make serve ARGS='--listen sampan://0.0.0.0:7267'
	@./build/sampan serve $(ARGS)

format: ## clang-format over the C++ sources
	@git ls-files -co --exclude-standard '*.h' '*.cpp' | xargs clang-format -i -style=file

tidy: ## the repository checks its own shape (part of `make test`)
	@$(PYTHON) tools/tidy.py

lint: test-packages ## clang-tidy 19 over everything (minutes; the package clang-tidy-19)
	@$(call configured,build,release)
	@run-clang-tidy-19 -quiet -p build -j 2 'src/.*\.cpp$$'

bench: build ## beside sftp, rsync and nginx, as root; writes docs/performance.md
	@tools/install_packages.sh bench
	@$(PYTHON) bench/bench.py

bench-quick: build ## the same in a minute, on small files
	@tools/install_packages.sh bench
	@$(PYTHON) bench/bench.py --quick

soak: build test-packages ## the long runs of the requirements, whole; make soak ROUNDS=20 goes on all night
	@$(PYTHON) tools/soak.py $(or $(ROUNDS),1)

clean: ## removes what was built
	@rm -rf build

.PHONY: help packages test-packages build demo test asan tsan coverage fuzz serve format tidy lint bench bench-quick soak clean
