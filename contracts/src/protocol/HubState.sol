// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IHubEvents, Phase, Task} from "../interfaces/IFedHub.sol";
import {IStakeVault} from "../interfaces/IStakeVault.sol";
import {IVerifierRouter} from "../interfaces/IVerifierRouter.sol";
import {IVerifyingKeys} from "../interfaces/IVerifyingKeys.sol";
import {Tasks, Terms} from "./Tasks.sol";
import "./HubErrors.sol";

/// How far the current round got: decides which faults there can be in it.
enum Stage {
    Begun,
    Seeded, // nonces were due
    Complete, // and all were given
    Submitted, // updates were due
    Accepted // those that are left count
}

/// What changes of a task. Six slots; an update changes the first and the roll.
struct State {
    address terms; // Tasks
    Phase phase;
    Stage stage;
    uint24 round;
    uint40 deadline;
    uint16 submitted;
    uint32 members; // that have not left
    uint32 entered; // in the current round
    uint32 entering; // in the next one (Joining: in round 0), without those that an update brings there
    uint32 leaving; // of those and these, how many do not enter it after all
    uint32 present;
    uint32 removed;
    uint32 demands; // without an answer
    bool last; // there is no next round
    bytes32 start;
    bytes32 seed; // of an earlier round until this one's is fixed: a slot that is never empty again costs less
    bytes32 roll; // likewise, until the first update
    uint128 escrow; // of the sponsor's
    uint128 pot; // from slashes, for the accepted of the current round
}

/// A member. Rounds are kept plus one, so that zero is none.
struct Member {
    uint32 entered; // last round entered
    uint32 submitted; // last round with an update, removed or not
    uint32 from; // accepted and not paid: rounds from this one
    uint32 through; // to this one
    uint32 nextFrom; // nextDataset counts from this round
    uint32 punished; // last round with a fault that was punished
    bool joined;
    bool left;
    bool short; // its stake was cut: must be topped up before it enters again
    bytes32 dataset; // keccak256(dataset id ‖ points of [D])
    bytes32 nextDataset;
    uint128 owed; // beside the rounds above
}

/// Submissions that somebody has added up. One for each task and whoever adds.
struct Accumulation {
    bytes32 roll;
    bytes32 sum; // keccak256 of its points
    uint32 round; // plus one
    uint32 count;
}

enum Answer {
    None,
    Demanded,
    Held,
    Removed
}

/// What became of a bonded claim.
struct Dispute {
    address demander;
    uint64 deadline;
    Answer answer;
}

/// Storage of the hub, and what all its parts use. Nobody has rights over it but by the rules: no owner, no upgrade, no pause.
abstract contract HubState is IHubEvents, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;

    IVerifierRouter public immutable router;
    IVerifyingKeys public immutable keys;
    IStakeVault public immutable vault;
    /// Whose storage this is: HubParts is called by delegation only.
    address private immutable _hub;

    mapping(bytes32 id => State) internal _states;
    mapping(bytes32 id => mapping(address account => Member)) internal _members;
    mapping(bytes32 id => mapping(bytes32 person => address)) internal _persons;
    /// By keccak256 of the points of [D].
    mapping(bytes32 id => mapping(bytes32 dataset => address)) internal _datasets;
    /// Shares of all rounds before, of whoever was accepted in every one.
    mapping(bytes32 id => mapping(uint256 round => uint256)) internal _shares;
    mapping(bytes32 id => mapping(address account => Accumulation)) internal _accumulations;
    /// By `_claimKey`: keccak256(member ‖ keccak256(update) ‖ proof).
    mapping(bytes32 key => bytes32) internal _claims;
    mapping(bytes32 key => Dispute) internal _disputes;
    /// By keccak256(abi.encode(id, round, member)): punished for a double signature.
    mapping(bytes32 key => bool) internal _doubled;

    /// HubParts only: not called but by the hub's delegation.
    modifier ofHub() {
        if (address(this) != _hub) revert NotTheHub();
        _;
    }

    constructor(address hub, IVerifierRouter router_, IVerifyingKeys keys_, IStakeVault vault_) {
        (_hub, router, keys, vault) = (hub, router_, keys_, vault_);
    }

    function _terms(bytes32 id) internal view returns (Terms memory) {
        return _termsLoader()(id);
    }

    /// `_terms` where gas counts: without what the compiler does for a result that is a structure, which is filling one with zeros.
    function _termsLoader() internal pure returns (function(bytes32) view returns (Terms memory) loader) {
        function(bytes32) view returns (uint256) load = _loadTerms;
        assembly ("memory-safe") {
            loader := load
        }
    }

    function _loadTerms(bytes32 id) private view returns (uint256) {
        return Tasks.load(id, _states[id].terms);
    }

    function _isOver(State storage s) internal view returns (bool) {
        return s.phase == Phase.Finished || s.phase == Phase.Cancelled;
    }

    function _requireRunning(State storage s) internal view {
        if (_isOver(s)) revert TaskOver(s.phase);
    }

    function _requirePhase(State storage s, Phase phase) internal view {
        (Phase got, uint64 deadline) = (s.phase, s.deadline);
        if (got != phase) revert WrongPhase(phase, got);
        if (block.timestamp >= deadline) revert TooLate(deadline);
    }

    function _requireUsable(Task memory t) internal view {
        if (!router.usable(t.verifier, t.keyId)) revert VerifierStopped();
    }

    /// How many are in the next round so far.
    function _entering(State storage s) internal view returns (uint32) {
        return s.last ? 0 : s.entering + s.submitted - s.leaving;
    }

    /// One hash of all submissions of the round.
    function _roll(State storage s) internal view returns (bytes32) {
        return s.submitted == 0 ? bytes32(0) : s.roll;
    }

    /// The next round that has not begun.
    function _nextRound(State storage s) internal view returns (uint32) {
        return s.phase == Phase.Joining ? 0 : s.round + 1;
    }

    function _requireHash(bytes calldata points, bytes32 expected) internal pure {
        bytes32 got = keccak256(points);
        if (got != expected) revert WrongPoints(expected, got);
    }

    function _requirePoints(bytes calldata points, uint256 n) internal pure {
        if (points.length != 64 * n) revert WrongPointsLength(64 * n, points.length);
    }

    function _setPhase(bytes32 id, State storage s, Phase phase, uint256 window) internal {
        uint40 deadline = window == 0 ? 0 : uint40(block.timestamp + window);
        (s.phase, s.deadline) = (phase, deadline);
        emit PhaseChanged(id, s.round, phase, deadline);
    }

    /// Takes exactly `amount` from somebody who has approved the hub.
    function _pull(IERC20 token, address from, uint256 amount) internal {
        if (amount == 0) return;
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(from, address(this), amount);
        uint256 got = token.balanceOf(address(this)) - before;
        if (got != amount) revert WrongAmount(amount, got);
    }

    function _claimKey(bytes32 id, uint256 round, uint256 index) internal pure returns (bytes32) {
        return keccak256(abi.encode(id, round, index));
    }
}
