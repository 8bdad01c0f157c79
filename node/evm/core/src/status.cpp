#include "evm/status.hpp"

#include <array>
#include <cstddef>

namespace strikefold::evm {

std::string_view name_of(Status status) noexcept {
    static constexpr auto names = std::to_array<std::string_view>({
#define STRIKEFOLD_NAME(enumerator, name) name,
        STRIKEFOLD_STATUSES(STRIKEFOLD_NAME)
#undef STRIKEFOLD_NAME
    });
    return names[static_cast<std::size_t>(status)];
}

}  // namespace strikefold::evm
