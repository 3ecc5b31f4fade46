// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {RoundAlreadyBegun} from "./BeaconErrors.sol";
import {Bls, G2Point} from "./Bls.sol";

/// The key is no point of G2, or the identity.
error WrongDrandKey();
/// drand's rounds have a length, and the margin must be longer than none.
error WrongDrandTimes();
/// drand did not sign this round so.
error WrongDrandSignature(uint64 drandRound);

/// Randomness of the drand network by a public key: signatures of bls-bn254-unchained-on-g1, the scheme of drand's evmnet.
///
/// `begin` fixes a drand round of the future, the first that drand publishes `margin` seconds or more after the block's time. Then anybody brings its
/// signature: it is unique, so nobody chooses, and nobody can prevent it. Members have nothing to do and are all present.
///
/// Nobody may know the signature when the round's set is fixed: margin must exceed what the chain's clock can lag behind drand's. The
/// seed depends on nothing but drand's threshold of nodes; whether drand stops is for the hub's windows to see to.
///
/// seed = keccak256(abi.encode(DOMAIN, chain id, this, hub, id, round, drand round, sha256(signature))).
contract DrandBeacon is IBeacon {
    struct Round {
        uint64 drandRound; // 0: not begun
        uint32 entered;
    }

    event Begun(address indexed hub, bytes32 indexed id, uint32 indexed round, uint64 drandRound, uint32 entered);
    event Shown(uint64 indexed drandRound, bytes32 randomness);

    bytes32 public constant DOMAIN = keccak256("fedproof/beacon/drand/1");

    /// When drand publishes its round 1, and seconds between rounds.
    uint64 public immutable genesis;
    uint64 public immutable period;
    uint64 public immutable margin;
    uint256 private immutable _x1;
    uint256 private immutable _x0;
    uint256 private immutable _y1;
    uint256 private immutable _y0;

    /// sha256 of the signature, as drand publishes it; zero before it was shown here.
    mapping(uint64 drandRound => bytes32) public randomnessOf;
    mapping(address hub => mapping(bytes32 id => mapping(uint32 round => Round))) private _rounds;

    /// key: 128 bytes as drand writes them, which is the order of the pairing precompile.
    constructor(G2Point memory key, uint64 genesis_, uint64 period_, uint64 margin_) {
        if (!Bls.isKey(key)) revert WrongDrandKey();
        if (period_ == 0 || margin_ == 0) revert WrongDrandTimes();
        (_x1, _x0, _y1, _y0) = (key.x1, key.x0, key.y1, key.y0);
        (genesis, period, margin) = (genesis_, period_, margin_);
    }

    /// @inheritdoc IBeacon
    /// @dev Members have no nonces here.
    function enrol(bytes32 id, address member, bytes32 tip) external {}

    /// @inheritdoc IBeacon
    function begin(bytes32 id, uint32 round, uint32 entered, uint64) external {
        Round storage r = _rounds[msg.sender][id][round];
        if (r.drandRound != 0) revert RoundAlreadyBegun(round);
        uint64 drandRound = roundFrom(uint64(block.timestamp) + margin);
        (r.drandRound, r.entered) = (drandRound, entered);
        emit Begun(msg.sender, id, round, drandRound, entered);
    }

    /// Anybody shows drand's signature of one of its rounds: the coordinates of a point.
    function show(uint64 drandRound, uint256[2] calldata signature) external {
        if (randomnessOf[drandRound] != 0) return;
        bytes32 message = keccak256(abi.encodePacked(drandRound));
        if (!Bls.verify(G2Point(_x1, _x0, _y1, _y0), message, signature)) revert WrongDrandSignature(drandRound);
        bytes32 randomness = sha256(abi.encodePacked(signature));
        randomnessOf[drandRound] = randomness;
        emit Shown(drandRound, randomness);
    }

    /// The first round that is published at this time or later.
    function roundFrom(uint64 time) public view returns (uint64) {
        return time <= genesis ? 1 : (time - genesis + period - 1) / period + 1;
    }

    /// The drand round that decides a round; 0 before it has begun.
    function drandRoundOf(address hub, bytes32 id, uint32 round) external view returns (uint64) {
        return _rounds[hub][id][round].drandRound;
    }

    /// @inheritdoc IBeacon
    function seed(address hub, bytes32 id, uint32 round) external view returns (bool ready, bytes32 value, uint32 present) {
        Round storage r = _rounds[hub][id][round];
        (uint64 drandRound, uint32 entered) = (r.drandRound, r.entered);
        bytes32 randomness = randomnessOf[drandRound];
        ready = drandRound != 0 && randomness != 0;
        present = entered;
        if (ready) value = keccak256(abi.encode(DOMAIN, block.chainid, this, hub, id, round, drandRound, randomness));
    }

    /// @inheritdoc IBeacon
    function isPresent(address hub, bytes32 id, uint32 round, address) external view returns (bool) {
        return _rounds[hub][id][round].drandRound != 0;
    }
}
