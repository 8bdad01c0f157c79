// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @title Operator permits, as Series and Pool take them.
interface IOperatorPermit {
    function permitOperator(
        address owner,
        address operator,
        bool approved,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external;
    function operatorNonce(address owner) external view returns (uint256);
    function isOperator(address owner, address operator) external view returns (bool);
    function domainSeparator() external view returns (bytes32);
}
