// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.35;

import {Terms} from "./Types.sol";

/// @title Option series: terms by id, and long positions as ERC-6909 tokens with 18 decimals.
/// @notice Anyone may create a series. Only the Pool mints and burns. No owner.
interface ISeries {
    event SeriesCreated(uint256 indexed id, address indexed underlying, uint64 indexed expiry, Terms terms);

    /// @notice The terms break a rule; `field` names it.
    error InvalidTerms(string field);
    error UnknownSeries(uint256 id);
    error OnlyPool();
    error PermitExpired();
    error InvalidPermit();

    /// @notice Registers a series; does nothing if it exists.
    function create(Terms calldata terms) external returns (uint256 id);

    /// @notice Id of a series, whether it exists or not.
    function idOf(Terms calldata terms) external pure returns (uint256 id);

    function exists(uint256 id) external view returns (bool);

    /// @notice Reverts with UnknownSeries if there is none.
    function termsOf(uint256 id) external view returns (Terms memory);

    function expiryOf(uint256 id) external view returns (uint64);

    /// @notice Decimals of the settlement asset, read when the series was created.
    function settlementDecimals(uint256 id) external view returns (uint8);

    /// @notice Collateral that `quantity` contracts need, rounded up, in the settlement asset.
    function collateral(uint256 id, uint256 quantity) external view returns (uint256);

    /// @notice Payoff of `quantity` long contracts at a settlement price, rounded down.
    function payoff(uint256 id, uint256 quantity, uint256 price) external view returns (uint256);

    function totalSupply(uint256 id) external view returns (uint256);

    function mint(address to, uint256 id, uint256 quantity) external;
    function burn(address from, uint256 id, uint256 quantity) external;

    // ERC-6909
    event Transfer(address caller, address indexed from, address indexed to, uint256 indexed id, uint256 amount);
    event Approval(address indexed owner, address indexed spender, uint256 indexed id, uint256 amount);
    event OperatorSet(address indexed owner, address indexed operator, bool approved);

    function balanceOf(address owner, uint256 id) external view returns (uint256);
    function allowance(address owner, address spender, uint256 id) external view returns (uint256);
    function isOperator(address owner, address operator) external view returns (bool);
    function transfer(address to, uint256 id, uint256 amount) external payable returns (bool);
    function transferFrom(address from, address to, uint256 id, uint256 amount) external payable returns (bool);
    function approve(address spender, uint256 id, uint256 amount) external payable returns (bool);
    function setOperator(address operator, bool approved) external payable returns (bool);
    function name(uint256 id) external view returns (string memory);
    function symbol(uint256 id) external view returns (string memory);
    function decimals(uint256 id) external view returns (uint8);

    /// @notice Sets an operator by the owner's signature (account or EIP-1271).
    /// EIP-712 type: OperatorPermit(address owner,address operator,bool approved,uint256 nonce,uint256 deadline).
    function permitOperator(
        address owner,
        address operator,
        bool approved,
        uint256 nonce,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Nonce that the owner's next operator permit must have.
    function operatorNonce(address owner) external view returns (uint256);
    function domainSeparator() external view returns (bytes32);
}
