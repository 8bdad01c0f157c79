// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @dev The cheat codes of Foundry that these tests use (no npm package of forge-std is kept by its authors).
interface Vm {
    function addr(uint256 key) external pure returns (address);
    function chainId(uint256 id) external;
    function etch(address target, bytes calldata code) external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function prank(address sender) external;
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function snapshotGasLastCall(string calldata group, string calldata name) external returns (uint256);
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
}

Vm constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

/// @dev Assertions and input shaping; forge runs every contract with `test` functions.
abstract contract Test {
    bool public constant IS_TEST = true;

    error AssertionFailed(string what, uint256 left, uint256 right);

    function assertEq(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert AssertionFailed(string.concat(what, ": not equal"), left, right);
    }

    function assertEq(address left, address right, string memory what) internal pure {
        assertEq(uint160(left), uint160(right), what);
    }

    function assertEq(string memory left, string memory right) internal pure {
        assertTrue(keccak256(bytes(left)) == keccak256(bytes(right)), string.concat(left, " != ", right));
    }

    function assertLe(uint256 left, uint256 right, string memory what) internal pure {
        if (left > right) revert AssertionFailed(string.concat(what, ": not at most"), left, right);
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert AssertionFailed(what, 0, 1);
    }

    /// @dev Maps any value into [low, high].
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        if (value >= low && value <= high) return value;
        unchecked {
            uint256 size = high - low + 1;
            return size == 0 ? value : low + value % size;
        }
    }
}
