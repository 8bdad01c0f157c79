// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// @notice Right that the holder of a long position has.
enum OptionType {
    CALL,
    PUT
}

/// @notice In which asset an option is margined and settled.
/// INVERSE: in the underlying (coin-settled), payoff in coin = payoff in quote / settlement price.
/// LINEAR: in the quote asset.
enum SettlementKind {
    INVERSE,
    LINEAR
}

/// @notice Everything that defines an option series. Its id is `uint256(keccak256(abi.encode(terms)))`.
/// @param underlying Asset that the option is on.
/// @param quote Asset in which strike and prices are stated.
/// @param settlement Asset of collateral and payoff: `underlying` if INVERSE, `quote` if LINEAR.
/// @param feed Oracle feed whose settlement price at `expiry` decides the payoff.
/// @param strike Price of one underlying in quote, 18 decimals.
/// @param bound Price past which the payoff stops growing, 18 decimals: a cap for calls (above
/// the strike), a floor for puts (below the strike). Zero means no bound, which only an INVERSE CALL
/// and a LINEAR PUT may have, because only their payoff is bounded by itself.
/// @param expiry Unix time at which the option is exercised.
/// @param optionType CALL or PUT.
/// @param kind INVERSE or LINEAR.
struct Terms {
    address underlying;
    address quote;
    address settlement;
    bytes32 feed;
    uint128 strike;
    uint128 bound;
    uint64 expiry;
    OptionType optionType;
    SettlementKind kind;
}

/// @notice The part of a series' terms that collateral and payoff depend on.
/// @param asset Settlement asset.
/// @param decimals Its decimals, at most 18.
struct Margin {
    address asset;
    uint64 expiry;
    uint8 decimals;
    OptionType optionType;
    SettlementKind kind;
    uint128 strike;
    uint128 bound;
}

/// @notice One who may sign prices of a feed.
/// @param name Human-readable name, left-aligned ASCII.
/// @param signer Address whose signature counts.
struct Source {
    bytes32 name;
    address signer;
}

/// @notice Parameters of a feed. Its id is `keccak256(abi.encode(config))`.
/// @param description Name of the pair, left-aligned ASCII, such as "BTC/USD".
/// @param sources Who may sign; 1 to 16, distinct signers in ascending order.
/// @param minimum How many fresh reports a price needs.
/// @param maxAge Seconds for which a report, and a checkpoint without a later one, stays fresh.
/// @param spacing Least number of seconds between two checkpoints.
/// @param window Seconds before an expiry over which its settlement price is taken; at most 256 * spacing.
/// @param fallbackDelay Seconds after an expiry from which the fallback rule applies.
struct FeedConfig {
    bytes32 description;
    Source[] sources;
    uint8 minimum;
    uint32 maxAge;
    uint32 spacing;
    uint32 window;
    uint32 fallbackDelay;
}

/// @notice A signed price of one source.
/// EIP-712 type: Price(bytes32 feed,uint128 price,uint64 timestamp).
/// @param source Index in the feed's sources.
/// @param price Price of one underlying in quote, 18 decimals, not zero.
/// @param timestamp Unix time the source saw this price; later than its previous one, not in the future.
/// @param signature 65 bytes r, s, v (or 64 bytes, EIP-2098).
struct Report {
    uint8 source;
    uint128 price;
    uint64 timestamp;
    bytes signature;
}

/// @notice One leg of an order.
/// EIP-712 type: Leg(uint256 series,bool buy,uint64 ratio).
/// @param series Id of the series.
/// @param buy Whether the maker receives (true) or delivers (false) this leg.
/// @param ratio Contracts of this leg per unit of the order, at least 1.
struct Leg {
    uint256 series;
    bool buy;
    uint64 ratio;
}

/// @notice A limit order for one or several legs, all traded together in fixed proportion.
/// EIP-712 type: Order(address maker,address taker,address asset,address vault,uint16 feeBps,bool pays,
/// bool write,uint128 price,uint128 quantity,uint128 minFill,uint256 nonce,uint64 epoch,uint64 deadline,
/// Leg[] legs)Leg(uint256 series,bool buy,uint64 ratio).
/// @param maker Who signs; an externally owned account or a contract with EIP-1271.
/// @param taker Who alone may fill; zero means anyone.
/// @param asset Token in which the premium is paid.
/// @param vault Receiver of the fee.
/// @param feeBps Fee on the premium in basis points, paid by the taker on top of or out of the premium.
/// @param pays Whether the maker pays (true) or receives (false) the premium.
/// @param write Whether the maker's sold legs may be written in the Pool for what the maker doesn't hold.
/// @param price Premium of 1e18 units of the order, in the smallest unit of `asset`.
/// @param quantity Size in units of 1e-18; leg i trades quantity * legs[i].ratio.
/// @param minFill Least quantity of one fill, unless less remains.
/// @param nonce Fill counter the order uses: orders of a maker with equal nonce share it, so replacing
/// an order under its nonce can't fill both; cancelled by nonce.
/// @param epoch Must equal the maker's epoch at the time of the fill.
/// @param deadline Last Unix time at which the order can be filled.
/// @param legs 1 to 8 legs, series ids strictly ascending.
struct Order {
    address maker;
    address taker;
    address asset;
    address vault;
    uint16 feeBps;
    bool pays;
    bool write;
    uint128 price;
    uint128 quantity;
    uint128 minFill;
    uint256 nonce;
    uint64 epoch;
    uint64 deadline;
    Leg[] legs;
}

/// @notice An account's whole position, long and short, in one series.
struct Position {
    uint256 series;
    address account;
}
