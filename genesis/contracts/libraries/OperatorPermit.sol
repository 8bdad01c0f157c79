// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {TypedData} from "./TypedData.sol";

/// @title Approval of an operator by signature.
abstract contract OperatorPermit is TypedData {
    bytes32 private constant _PERMIT_TYPEHASH =
        keccak256("OperatorPermit(address owner,address operator,bool approved,uint256 nonce,uint256 deadline)");

    error PermitExpired();
    error InvalidPermit();

    /// @notice Nonce that the owner's next operator permit must have.
    mapping(address owner => uint256) public operatorNonce;

    function _grant(address owner, address operator, bool approved) internal virtual;

    /// @notice Sets an operator by the owner's signature (account or EIP-1271).
    /// EIP-712 type: OperatorPermit(address owner,address operator,bool approved,uint256 nonce,uint256 deadline).
    function permitOperator(
        address owner,
        address operator,
        bool approved,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external {
        if (block.timestamp > deadline) revert PermitExpired();
        bytes32 permit = keccak256(abi.encode(_PERMIT_TYPEHASH, owner, operator, approved, nonce, deadline));
        if (nonce != operatorNonce[owner] || !_isSignedBy(owner, _digest(permit), signature)) revert InvalidPermit();
        operatorNonce[owner] = nonce + 1;
        _grant(owner, operator, approved);
    }
}
