// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IFedHub} from "../interfaces/IFedHub.sol";
import {RoundAlreadyBegun} from "./BeaconErrors.sol";

/// No round takes nonces now: none has begun, or all have revealed, or the deadline has passed.
error RevealsClosed(uint64 deadline);
/// The hub does not count the member among those that entered the round.
error NotEntered(address member);
/// One nonce a round and member.
error AlreadyRevealed(address member);
/// The nonce does not hash to the member's chain in as many steps as the round needs.
error WrongNonce(address member, uint256 steps);
/// More steps than the beacon takes: the task has too many rounds for it.
error TooManySteps(uint256 steps);

/// The default beacon: the members' nonces and the beacon chain's randomness of the block in which the round begins.
///
/// A member's nonces are a hash chain x_0, x_1 = keccak256(x_0), .., whose tip x_rounds it commits to when it joins (`enrol`), for a
/// task with `rounds` rounds. Round r (from 0) reveals x_(rounds - 1 - r): it hashes to the tip in r + 1 steps, and in r - s steps to
/// what was revealed in an earlier round s. A tip enrolled later follows the same rule, as if the chain had been there from round 0:
/// the first r of its values are never used. A tip enrolled while a round is under way counts from the next one on.
///
/// seed = keccak256(abi.encode(DOMAIN, chain id, this, hub, id, round, prevrandao, sum, present)), where prevrandao is that of the block
/// of `begin`, sum = sum of keccak256(abi.encode(member, nonce)) mod 2^256 over the members that revealed, and present is their number.
/// The sum is the same in any order, and nobody can pass off another's nonce as his own.
///
/// Bias: every nonce is fixed before its round begins, so a member can only withhold it: one bit of influence for each
/// revealPenalty forfeited (k conspiring members choose among 2^k seeds if they reveal last). If all conspire, prevrandao is
/// all that holds them: they choose among the blocks in which the round can begin before somebody else begins it, and whoever proposes one
/// has a bit more (and loses the slot's reward for it). A nonce whose tip was enrolled in the very block of `begin` would free them
/// wholly, prevrandao being known there: the member is present, but its nonce is not added. On chains whose sequencer says what
/// prevrandao is, read sequencer for proposer.
contract CommitRevealBeacon is IBeacon {
    struct Chain {
        bytes32 value; // the tip, or the last nonce accepted
        uint32 links; // of the chain that are behind: 0 for the tip, s + 1 after round s
        uint32 from; // first round that it counts for
        uint64 enrolledAt; // block number
    }

    struct Member {
        Chain current;
        Chain previous; // for the round that was under way when `current` was enrolled
        mapping(uint256 word => uint256) present; // a bit a round
    }

    struct Round {
        bytes32 prevrandao;
        uint256 sum;
        uint64 deadline;
        uint64 begunAt; // block number
        uint32 entered;
        uint32 present;
        bool begun;
    }

    event Enrolled(address indexed hub, bytes32 indexed id, address indexed member, bytes32 tip, uint32 from);
    event Begun(address indexed hub, bytes32 indexed id, uint32 indexed round, bytes32 prevrandao, uint32 entered, uint64 deadline);
    event Revealed(address indexed hub, bytes32 indexed id, uint32 indexed round, address member, bytes32 nonce, bool added);

    bytes32 public constant DOMAIN = keccak256("fedproof/beacon/commit-reveal/1");
    /// Of a nonce to what it is held against: about 5 million gas.
    uint256 public constant MAX_STEPS = 65_536;

    /// Rounds begun: the one under way is one less.
    mapping(address hub => mapping(bytes32 id => uint32)) public roundsBegun;
    mapping(address hub => mapping(bytes32 id => mapping(uint32 round => Round))) private _rounds;
    mapping(address hub => mapping(bytes32 id => mapping(address member => Member))) private _members;

    /// @inheritdoc IBeacon
    function enrol(bytes32 id, address member, bytes32 tip) external {
        Member storage m = _members[msg.sender][id][member];
        uint32 next = roundsBegun[msg.sender][id];
        // what was enrolled for a round that has not begun was never used and is replaced
        if (m.current.from < next) m.previous = m.current;
        m.current = Chain({value: tip, links: 0, from: next, enrolledAt: uint64(block.number)});
        emit Enrolled(msg.sender, id, member, tip, next);
    }

    /// @inheritdoc IBeacon
    function begin(bytes32 id, uint32 round, uint32 entered, uint64 deadline) external {
        if (round < roundsBegun[msg.sender][id]) revert RoundAlreadyBegun(round);
        roundsBegun[msg.sender][id] = round + 1;
        _rounds[msg.sender][id][round] = Round({
            prevrandao: bytes32(block.prevrandao),
            sum: 0,
            deadline: deadline,
            begunAt: uint64(block.number),
            entered: entered,
            present: 0,
            begun: true
        });
        emit Begun(msg.sender, id, round, bytes32(block.prevrandao), entered, deadline);
    }

    /// Reveals the sender's nonce of the hub's round under way.
    function reveal(address hub, bytes32 id, bytes32 nonce) external {
        uint32 begun = roundsBegun[hub][id];
        if (begun == 0) revert RevealsClosed(0);
        uint32 round = begun - 1;
        Round storage r = _rounds[hub][id][round];
        if (_ready(r)) revert RevealsClosed(r.deadline);
        Member storage m = _members[hub][id][msg.sender];
        if (_isPresent(m, round)) revert AlreadyRevealed(msg.sender);
        if (!IFedHub(hub).entered(id, round, msg.sender)) revert NotEntered(msg.sender);

        Chain storage chain = m.current.from <= round ? m.current : m.previous;
        uint256 steps = begun - chain.links;
        if (steps > MAX_STEPS) revert TooManySteps(steps);
        bytes32 reached = _hashed(nonce, steps);
        if (reached == 0 || reached != chain.value) revert WrongNonce(msg.sender, steps);

        (chain.value, chain.links) = (nonce, begun);
        m.present[round >> 8] |= 1 << (round & 0xff);
        ++r.present;
        bool added = chain.enrolledAt < r.begunAt;
        if (added) {
            unchecked {
                r.sum += uint256(keccak256(abi.encode(msg.sender, nonce)));
            }
        }
        emit Revealed(hub, id, round, msg.sender, nonce, added);
    }

    /// @inheritdoc IBeacon
    function seed(address hub, bytes32 id, uint32 round) external view returns (bool ready, bytes32 value, uint32 present) {
        Round storage r = _rounds[hub][id][round];
        present = r.present;
        ready = r.begun && _ready(r);
        if (ready) value = keccak256(abi.encode(DOMAIN, block.chainid, this, hub, id, round, r.prevrandao, r.sum, present));
    }

    /// @inheritdoc IBeacon
    function isPresent(address hub, bytes32 id, uint32 round, address member) external view returns (bool) {
        return _isPresent(_members[hub][id][member], round);
    }

    function _isPresent(Member storage m, uint32 round) private view returns (bool) {
        return m.present[round >> 8] & (1 << (round & 0xff)) != 0;
    }

    /// Nothing more can be revealed.
    function _ready(Round storage r) private view returns (bool) {
        return r.present >= r.entered || block.timestamp >= r.deadline;
    }

    function _hashed(bytes32 value, uint256 steps) private pure returns (bytes32) {
        assembly ("memory-safe") {
            mstore(0, value)
            for { let i := 0 } lt(i, steps) { i := add(i, 1) } { mstore(0, keccak256(0, 32)) }
            value := mload(0)
        }
        return value;
    }
}
