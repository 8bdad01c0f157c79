// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {DateTimeLib} from "solady/utils/DateTimeLib.sol";
import {LibString} from "solady/utils/LibString.sol";
import {MetadataReaderLib} from "solady/utils/MetadataReaderLib.sol";

import {OptionType, SettlementKind} from "../interfaces/Types.sol";

/// @title Names of series in the market's convention.
library SeriesName {
    bytes private constant _MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";

    /// @notice "UNDERLYING-DMMMYY-STRIKE-C", as Deribit writes it; linear ones name the quote asset
    /// ("UNDERLYING_QUOTE-..."), bounded ones end with the bound ("-P>50000", "-C<150000").
    function symbol(
        address underlying,
        address quote,
        uint64 expiry,
        uint128 strike,
        uint128 bound,
        OptionType optionType,
        SettlementKind kind
    ) internal view returns (string memory) {
        bool call = optionType == OptionType.CALL;
        string memory pair = MetadataReaderLib.readSymbol(underlying);
        if (kind == SettlementKind.LINEAR) {
            pair = string.concat(pair, "_", MetadataReaderLib.readSymbol(quote));
        }
        string memory limit = bound == 0 ? "" : string.concat(call ? "<" : ">", decimal(bound));
        return string.concat(pair, "-", date(expiry), "-", decimal(strike), call ? "-C" : "-P", limit);
    }

    /// @notice A day as "27NOV26".
    function date(uint64 timestamp) internal pure returns (string memory) {
        (uint256 year, uint256 month, uint256 day) = DateTimeLib.timestampToDate(timestamp);
        bytes memory letters = new bytes(3);
        for (uint256 i; i < 3; ++i) {
            letters[i] = _MONTHS[3 * (month - 1) + i];
        }
        uint256 short = year % 100;
        return
            string.concat(
                LibString.toString(day), string(letters), short < 10 ? "0" : "", LibString.toString(short)
            );
    }

    /// @notice A number with 18 decimals without trailing zeros, such as "0.55" or "90000".
    function decimal(uint256 value) internal pure returns (string memory) {
        string memory whole = LibString.toString(value / 1e18);
        uint256 fraction = value % 1e18;
        if (fraction == 0) return whole;
        // A leading one keeps the zeros after the point; the slice drops it again.
        fraction += 1e18;
        while (fraction % 10 == 0) fraction /= 10;
        return string.concat(whole, ".", LibString.slice(LibString.toString(fraction), 1));
    }
}
