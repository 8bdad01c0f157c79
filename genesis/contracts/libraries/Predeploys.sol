// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC6909} from "../interfaces/IERC6909.sol";
import {IExchange} from "../interfaces/IExchange.sol";
import {IOracle} from "../interfaces/IOracle.sol";
import {IPool} from "../interfaces/IPool.sol";
import {ISeries} from "../interfaces/ISeries.sol";
import {ISettlement} from "../interfaces/ISettlement.sol";

// Addresses of the option suite, which exists from genesis. Same values as genesis/addresses.py.

ISeries constant SERIES = ISeries(0x5346000000000000000000000000000000000010);
IERC6909 constant LONGS = IERC6909(0x5346000000000000000000000000000000000010);
IPool constant POOL = IPool(0x5346000000000000000000000000000000000011);
IOracle constant ORACLE = IOracle(0x5346000000000000000000000000000000000012);
ISettlement constant SETTLEMENT = ISettlement(0x5346000000000000000000000000000000000013);
IExchange constant EXCHANGE = IExchange(0x5346000000000000000000000000000000000014);
