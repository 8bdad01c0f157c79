// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ISettlement} from "../interfaces/ISettlement.sol";
import {Position} from "../interfaces/Types.sol";
import {ORACLE, POOL, SERIES} from "../libraries/Predeploys.sol";

/// @title Settlement of expired series.
/// @notice Holds only prices: each is fixed once, and the Pool pays every position at it, once.
contract Settlement is ISettlement {
    /// @inheritdoc ISettlement
    mapping(uint256 id => uint128) public priceOf;

    /// @inheritdoc ISettlement
    function settle(Position[] calldata positions) external returns (uint256[] memory paid) {
        paid = new uint256[](positions.length);
        for (uint256 i; i < positions.length; ++i) {
            uint256 id = positions[i].series;
            paid[i] = POOL.discharge(id, positions[i].account, fix(id));
        }
    }

    /// @inheritdoc ISettlement
    function settleSeries(uint256 id, address[] calldata accounts) external returns (uint256 paid) {
        uint256 price = fix(id);
        for (uint256 i; i < accounts.length; ++i) {
            paid += POOL.discharge(id, accounts[i], price);
        }
    }

    /// @inheritdoc ISettlement
    function fix(uint256 id) public returns (uint128 price) {
        price = priceOf[id];
        if (price != 0) return price;
        (bytes32 feed, uint64 expiry) = SERIES.feedOf(id);
        if (block.timestamp < expiry) revert NotExpired(id, expiry);
        price = ORACLE.settle(feed, expiry);
        priceOf[id] = price;
        emit SeriesSettled(id, price);
    }
}
