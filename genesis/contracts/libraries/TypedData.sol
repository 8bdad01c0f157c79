// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "solady/utils/ECDSA.sol";
import {SignatureCheckerLib} from "solady/utils/SignatureCheckerLib.sol";

/// @title EIP-712 for contracts that exist from genesis.
/// @dev Nothing is cached at construction, because a predeploy is never constructed; the domain follows the
/// chain id, also through a fork of the chain.
abstract contract TypedData {
    bytes32 private constant _DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant _VERSION_HASH = keccak256("1");

    /// @dev keccak256 of the domain's name.
    function _domainNameHash() internal pure virtual returns (bytes32);

    /// @notice EIP-712 domain separator on this chain.
    function domainSeparator() public view returns (bytes32) {
        return keccak256(abi.encode(_DOMAIN_TYPEHASH, _domainNameHash(), _VERSION_HASH, block.chainid, address(this)));
    }

    function _digest(bytes32 structHash) internal view returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", domainSeparator(), structHash));
    }

    /// @dev Whether `signer` signed, with its key or as a contract (EIP-1271). The key comes first, so
    /// an account that delegates its code (EIP-7702) goes on signing as before.
    function _isSignedBy(address signer, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (signer == address(0)) return false;
        if (ECDSA.tryRecoverCalldata(digest, signature) == signer) return true;
        return signer.code.length != 0
            && SignatureCheckerLib.isValidERC1271SignatureNowCalldata(signer, digest, signature);
    }
}
