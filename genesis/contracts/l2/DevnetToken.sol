// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "solady/tokens/ERC20.sol";

/// @title Test assets of development networks: anyone mints any amount, so they are worth nothing.
abstract contract DevnetToken is ERC20 {
    /// @notice Faucet: creates tokens from nothing.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @dev A plain ERC-20: no allowance that the owner didn't give.
    function _givePermit2InfiniteAllowance() internal pure override returns (bool) {
        return false;
    }
}

/// @title Test token in place of wrapped bitcoin.
contract DevnetBTC is DevnetToken {
    function name() public pure override returns (string memory) {
        return "Devnet Bitcoin";
    }

    function symbol() public pure override returns (string memory) {
        return "BTC";
    }

    function decimals() public pure override returns (uint8) {
        return 8;
    }
}

/// @title Test token in place of wrapped ether.
contract DevnetETH is DevnetToken {
    function name() public pure override returns (string memory) {
        return "Devnet Ether";
    }

    function symbol() public pure override returns (string memory) {
        return "ETH";
    }
}

/// @title Test token in place of a dollar stablecoin.
contract DevnetUSD is DevnetToken {
    function name() public pure override returns (string memory) {
        return "Devnet US Dollar";
    }

    function symbol() public pure override returns (string memory) {
        return "USD";
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
