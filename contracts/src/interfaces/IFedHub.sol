// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IGate} from "./IGate.sol";
import {IBeacon} from "./IBeacon.sol";

/// How updates are verified. Eager: every proof on submission. Bonded: a submission posts the proof's hash, and stake answers for it.
enum Mode {
    Eager,
    Bonded
}

/// Every phase ends by count or by time, and anybody may then call `advance`. Challenging: bonded tasks only.
enum Phase {
    None,
    Joining,
    Revealing,
    Submitting,
    Challenging,
    Closing,
    Finished,
    Cancelled
}

/// What a sponsor asks for. Never changes: the id is keccak256(abi.encode(chain id, hub, task)). Amounts are in units of `token`,
/// windows in seconds.
struct Task {
    address sponsor;
    bytes32 taskDigest; // of the task (section 8 of docs/protocol.md)
    bytes32 taskFile; // keccak256 of its TOML in the artefact store
    bytes32 keyId; // in VerifyingKeys
    uint32 verifier; // version in VerifierRouter
    bytes32 start; // keccak256 of the points of [W_0] of round 0
    Mode mode;
    uint32 rounds;
    uint32 minAccepted; // updates in a sum
    uint32 maxMembers;
    IERC20 token;
    uint128 reward; // for the accepted updates of a round, in equal parts
    uint128 closerFee; // for whoever closes a round
    uint128 stake; // of a member
    uint128 revealPenalty; // of the stake, for a nonce withheld
    uint128 absencePenalty; // of the stake, for a round entered and no update
    uint128 claimBond; // of the stake, for a bonded claim that does not hold
    uint128 demandDeposit; // pays for the gas of an answer
    IGate gate;
    IBeacon beacon;
    address aggregator; // who may close rounds; zero: anybody
    uint32 joinWindow;
    uint32 revealWindow;
    uint32 submitWindow;
    uint32 challengeWindow;
    uint32 answerWindow;
    uint32 closeWindow;
    bytes32 salt;
}

/// Where a task stands.
struct Progress {
    Phase phase;
    uint32 round; // from 0
    uint64 deadline; // of the phase
    uint32 members;
    uint32 entered; // in the current round (Joining: in round 0)
    uint32 entering; // in the next one
    uint32 submitted;
    uint32 removed; // claims that did not hold
    bytes32 start; // keccak256 of the points of the round's [W_0]
    bytes32 seed; // of the round, zero before it is fixed
    bytes32 roll; // of the round's submissions
}

/// What auditors rebuild everything from. Point lists are x ‖ y, 64 bytes each.
interface IHubEvents {
    event TaskOpened(bytes32 indexed id, address indexed sponsor, Task task, bytes start);
    /// dataset: points of [D]. proof: keccak256 of the registration proof's file.
    event Joined(
        bytes32 indexed id,
        address indexed member,
        uint32 liveFrom,
        bytes32 datasetId,
        bytes32 nonceCommitment,
        bytes32 person,
        bytes dataset,
        bytes32 proof
    );
    event RoundBegun(bytes32 indexed id, uint32 indexed round, uint32 entered, bytes32 start);
    event RoundSeeded(bytes32 indexed id, uint32 indexed round, bytes32 seed, uint32 present);
    /// update: points of [W_out]. proof: keccak256 of the training proof's file. verified: false for a bonded claim.
    event Submitted(
        bytes32 indexed id, uint32 indexed round, address indexed member, uint32 index, bytes update, bytes32 proof, bool verified
    );
    event Demanded(bytes32 indexed id, uint32 indexed round, uint32 indexed index, address demander, uint64 deadline);
    /// held: the demanded proof was shown. Else the claim is removed and its bond lost.
    event Settled(bytes32 indexed id, uint32 indexed round, uint32 indexed index, bool held);
    /// summed, next: points of the sum and of the next [W_0]. weights: keccak256 of the published weights' file. proof: of the
    /// round-close proof's file.
    event RoundClosed(
        bytes32 indexed id,
        uint32 indexed round,
        address indexed closer,
        uint32 accepted,
        uint256 share,
        bytes summed,
        bytes next,
        bytes32 weights,
        bytes32 proof
    );
    event PhaseChanged(bytes32 indexed id, uint32 indexed round, Phase phase, uint64 deadline);
    event TaskCancelled(bytes32 indexed id, uint32 indexed round, string reason);
    event Slashed(bytes32 indexed id, address indexed member, uint32 indexed round, uint256 amount, address reporter, string fault);
    event Claimed(bytes32 indexed id, address indexed member, uint256 amount);
    event Refunded(bytes32 indexed id, address indexed sponsor, uint256 amount);
    /// Entered again, by `enter`.
    event Entered(bytes32 indexed id, address indexed member, uint32 indexed round);
    /// Is not in the next round, whatever it had entered: it submitted `leaving`, quit, or its stake was cut.
    event Left(bytes32 indexed id, address indexed member);
}

/// The chain's side of a federation: tasks, members, rounds, money. Point lists are x ‖ y, 64 bytes each.
///
/// roll: 0 at the beginning of a round; with a submission keccak256(roll ‖ member (20) ‖ points of [W_out]).
/// seed: keccak256(abi.encode(id, round, start, seed of the beacon)).
interface IFedHub is IHubEvents {
    // --- sponsor ---------------------------------------------------------------------------------------------------------

    /// Takes rounds * (reward + closerFee) of the token from the sponsor, who is msg.sender. start: points of [W_0].
    function open(Task calldata task, bytes calldata start) external returns (bytes32 id);

    /// By the sponsor while nobody has joined; by anybody once the task's verifier was stopped.
    function cancel(bytes32 id) external;

    /// What is left when the task is finished or cancelled.
    function refund(bytes32 id) external;

    // --- member ----------------------------------------------------------------------------------------------------------

    /// Registers a dataset (registration proof verified), locks the stake and enters the next round that has not begun.
    /// Again: another dataset, live from the next round on.
    function join(bytes32 id, bytes32 nonceCommitment, bytes calldata dataset, bytes calldata proofFile, bytes calldata evidence)
        external;

    /// Enters the next round again after having been absent or having left. Tops the stake up.
    function enter(bytes32 id) external;

    /// Eager: the proof is verified, the update accepted, and the member enters the next round unless `leaving`.
    /// start: points of the round's [W_0]; datasetId, dataset: as registered.
    function submit(
        bytes32 id,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset,
        bytes calldata proofFile,
        bool leaving
    ) external;

    /// Bonded: update is the points of [W_out], proof the hash of the proof's file, which must be in the artefact store.
    function submitClaim(bytes32 id, bytes calldata update, bytes32 proof, bool leaving) external;

    /// Takes what is due (rewards, fees for closing, deposits of demands); anybody may trigger it, the account is paid. O(1), whatever
    /// the number of rounds.
    function claim(bytes32 id, address member) external returns (uint256 amount);

    /// Enters no further round; the stake can be withdrawn from the vault after its delay.
    function quit(bytes32 id) external;

    // --- anybody ---------------------------------------------------------------------------------------------------------

    function advance(bytes32 id) external;

    /// Slashes whoever entered `round` and withheld a nonce or an update; a part goes to msg.sender.
    function reportAbsent(bytes32 id, uint32 round, address member) external;

    /// Slashes a member that signed two different updates of one round (EIP-712 Update(bytes32 id,uint32 round,bytes32 update), domain
    /// "fedproof", version "1"): the whole stake.
    function reportDouble(
        bytes32 id,
        uint32 round,
        address member,
        bytes32 first,
        bytes calldata firstSignature,
        bytes32 second,
        bytes calldata secondSignature
    ) external;

    /// Demands the proof of a bonded claim; the deposit pays for the answer, or comes back if there is none.
    function demand(bytes32 id, uint32 index, address member, bytes calldata update, bytes32 proof) external;

    /// Verifies the proof behind a claim, demanded or not, and settles it either way.
    function settle(
        bytes32 id,
        uint32 index,
        address member,
        bytes calldata start,
        bytes32 datasetId,
        bytes calldata dataset,
        bytes calldata update,
        bytes calldata proofFile
    ) external;

    /// A demanded proof was not shown in time.
    function expire(bytes32 id, uint32 index, address member, bytes calldata update, bytes32 proof) external;

    // --- closing a round -------------------------------------------------------------------------------------------------

    /// Adds up further submissions in their order, for rounds too large for one transaction; removed ones are given but not added.
    /// members: 20 bytes each; updates: their points; partialSum: points of the sum so far (empty: begins anew). Whoever adds has a
    /// sum of his own, which nobody else can spoil.
    function accumulate(bytes32 id, bytes calldata partialSum, bytes calldata members, bytes calldata updates) external;

    /// Adds up what is left, verifies the round-close proof and begins the next round, or ends the task.
    function close(
        bytes32 id,
        bytes calldata partialSum,
        bytes calldata members,
        bytes calldata updates,
        bytes calldata next,
        bytes32 weights,
        bytes calldata proofFile
    ) external;

    // --- views -----------------------------------------------------------------------------------------------------------

    function task(bytes32 id) external view returns (Task memory);
    function progress(bytes32 id) external view returns (Progress memory);
    /// Has the member entered this round, which has begun or is the next?
    function entered(bytes32 id, uint32 round, address member) external view returns (bool);
    /// In the current round.
    function submittedIn(bytes32 id, uint32 round, address member) external view returns (bool);
    function due(bytes32 id, address member) external view returns (uint256);
}
