// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC6909} from "solady/tokens/ERC6909.sol";
import {MetadataReaderLib} from "solady/utils/MetadataReaderLib.sol";

import {ISeries} from "../interfaces/ISeries.sol";
import {Margin, OptionType, SettlementKind, Terms} from "../interfaces/Types.sol";
import {OperatorPermit} from "../libraries/OperatorPermit.sol";
import {Payoff} from "../libraries/Payoff.sol";
import {ORACLE, POOL} from "../libraries/Predeploys.sol";
import {SeriesName} from "../libraries/SeriesName.sol";

/// @title Option series and their long positions (ERC-6909).
/// @notice European, cash-settled options. Anyone creates a series; its id is the hash of its terms, which
/// never change. A token is the right to the payoff at expiry of one contract (18 decimals).
contract Series is ERC6909, OperatorPermit, ISeries {
    /// @dev Terms in four slots; the settlement asset follows from the kind. An existing series has a strike.
    struct Record {
        address underlying;
        uint64 expiry;
        uint8 decimals;
        OptionType optionType;
        SettlementKind kind;
        uint128 strike;
        uint128 bound;
        address quote;
        bytes32 feed;
    }

    /// @dev A settlement asset with more decimals would overflow the payoff's arithmetic.
    uint256 private constant _MAX_DECIMALS = 18;

    mapping(uint256 id => Record) private _records;

    modifier onlyPool() {
        if (msg.sender != address(POOL)) revert OnlyPool();
        _;
    }

    /// @inheritdoc ISeries
    function create(Terms calldata terms) external returns (uint256 id) {
        id = idOf(terms);
        if (exists(id)) return id;
        _check(terms);
        uint8 assetDecimals = MetadataReaderLib.readDecimals(terms.settlement);
        if (assetDecimals == 0 || assetDecimals > _MAX_DECIMALS) revert InvalidTerms("settlement");
        _records[id] = Record({
            underlying: terms.underlying,
            expiry: terms.expiry,
            decimals: assetDecimals,
            optionType: terms.optionType,
            kind: terms.kind,
            strike: terms.strike,
            bound: terms.bound,
            quote: terms.quote,
            feed: terms.feed
        });
        emit SeriesCreated(id, terms.underlying, terms.expiry, terms);
    }

    /// @inheritdoc ISeries
    function mint(address to, uint256 id, uint256 quantity) external onlyPool {
        _mint(to, id, quantity);
    }

    /// @inheritdoc ISeries
    function burn(address from, uint256 id, uint256 quantity) external onlyPool {
        _burn(from, id, quantity);
    }

    /// @inheritdoc ISeries
    function termsOf(uint256 id) external view returns (Terms memory) {
        Record memory record = _existing(id);
        return Terms({
            underlying: record.underlying,
            quote: record.quote,
            settlement: record.kind == SettlementKind.INVERSE ? record.underlying : record.quote,
            feed: record.feed,
            strike: record.strike,
            bound: record.bound,
            expiry: record.expiry,
            optionType: record.optionType,
            kind: record.kind
        });
    }

    /// @inheritdoc ISeries
    function expiryOf(uint256 id) external view returns (uint64) {
        return _existing(id).expiry;
    }

    /// @inheritdoc ISeries
    function feedOf(uint256 id) external view returns (bytes32 feed, uint64 expiry) {
        Record storage record = _existing(id);
        return (record.feed, record.expiry);
    }

    /// @inheritdoc ISeries
    function settlementDecimals(uint256 id) external view returns (uint8) {
        return _existing(id).decimals;
    }

    /// @inheritdoc ISeries
    function collateral(uint256 id, uint256 quantity) external view returns (uint256) {
        return Payoff.collateral(marginOf(id), quantity);
    }

    /// @inheritdoc ISeries
    function payoff(uint256 id, uint256 quantity, uint256 price) external view returns (uint256) {
        return Payoff.owed(marginOf(id), quantity, price);
    }

    /// @inheritdoc ISeries
    function totalSupply(uint256 id) external view returns (uint256) {
        return POOL.supplyOf(id);
    }

    /// @inheritdoc ISeries
    function idOf(Terms calldata terms) public pure returns (uint256 id) {
        return uint256(keccak256(abi.encode(terms)));
    }

    /// @inheritdoc ISeries
    function exists(uint256 id) public view returns (bool) {
        return _records[id].expiry != 0;
    }

    /// @inheritdoc ISeries
    function marginOf(uint256 id) public view returns (Margin memory) {
        Record storage record = _existing(id);
        SettlementKind kind = record.kind;
        return Margin({
            asset: kind == SettlementKind.INVERSE ? record.underlying : record.quote,
            expiry: record.expiry,
            decimals: record.decimals,
            optionType: record.optionType,
            kind: kind,
            strike: record.strike,
            bound: record.bound
        });
    }

    /// @notice Name as markets write it, such as "BTC-27NOV26-90000-C".
    function symbol(uint256 id) public view override returns (string memory) {
        Record memory record = _existing(id);
        return SeriesName.symbol(
            record.underlying, record.quote, record.expiry, record.strike, record.bound, record.optionType, record.kind
        );
    }

    /// @notice Same as the symbol.
    function name(uint256 id) public view override returns (string memory) {
        return symbol(id);
    }

    /// @notice None: the terms are on chain.
    function tokenURI(uint256) public pure override returns (string memory) {
        return "";
    }

    function _grant(address owner, address operator, bool approved) internal override {
        _setOperator(owner, operator, approved);
    }

    function _domainNameHash() internal pure override returns (bytes32) {
        return keccak256("Strikefold Series");
    }

    function _existing(uint256 id) private view returns (Record storage record) {
        record = _records[id];
        if (record.expiry == 0) revert UnknownSeries(id);
    }

    function _check(Terms calldata terms) private view {
        bool inverse = terms.kind == SettlementKind.INVERSE;
        if (terms.underlying == address(0)) revert InvalidTerms("underlying");
        if (terms.quote == address(0) || terms.quote == terms.underlying) revert InvalidTerms("quote");
        if (terms.settlement != (inverse ? terms.underlying : terms.quote)) revert InvalidTerms("settlement");
        if (terms.expiry <= block.timestamp) revert InvalidTerms("expiry");
        if (terms.strike == 0) revert InvalidTerms("strike");
        if (!_isBounded(terms, inverse)) revert InvalidTerms("bound");
        // A feed that has had a price always has a settlement price in the end (Oracle's fallback).
        if (ORACLE.checkpointCount(terms.feed) == 0) revert InvalidTerms("feed");
    }

    /// @dev Whether the payoff is bounded, so that it can be collateralised in full.
    function _isBounded(Terms calldata terms, bool inverse) private pure returns (bool) {
        bool call = terms.optionType == OptionType.CALL;
        if (terms.bound == 0) return call == inverse;
        return call ? terms.bound > terms.strike : terms.bound < terms.strike;
    }
}
