// Execution on the core for Python.
#pragma once

#include <nanobind/nanobind.h>

namespace strikefold::evm::bind {

void add_execution(nanobind::module_& module);

}  // namespace strikefold::evm::bind
