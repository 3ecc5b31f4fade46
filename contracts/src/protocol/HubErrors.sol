// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Phase} from "../interfaces/IFedHub.sol";

// --- opening -------------------------------------------------------------------------------------------------------------

/// The named field of a task is out of its range.
error BadTask(bytes32 field);
/// The same task was opened before.
error TaskExists(bytes32 id);
/// Only the sponsor may do this.
error NotSponsor(address expected, address got);
/// The points are not those whose hash the chain keeps.
error WrongPoints(bytes32 expected, bytes32 got);
/// Not as many bytes as so many points need.
error WrongPointsLength(uint256 expected, uint256 got);
/// The token moved another amount than it was asked to.
error WrongAmount(uint256 expected, uint256 got);

/// The hub's parts work for the hub alone.
error NotTheHub();

// --- phases --------------------------------------------------------------------------------------------------------------

/// The task is in another phase.
error WrongPhase(Phase expected, Phase got);
/// The task is finished or cancelled.
error TaskOver(Phase phase);
/// It is not over yet.
error TaskRunning(Phase phase);
/// The phase ended at the deadline.
error TooLate(uint64 deadline);
/// The phase has neither its count nor reached its deadline.
error TooEarly(uint64 deadline);
/// Demands wait for an answer or for `expire`.
error DemandsOpen(uint32 demands);
/// Bonded tasks take claims, eager ones proofs.
error WrongMode();
/// The task's verifier was stopped: only `cancel` is left.
error VerifierStopped();
/// Somebody has joined, and the verifier works.
error CannotCancel();

// --- members -------------------------------------------------------------------------------------------------------------

/// It has never joined.
error NotMember(address member);
/// It has not entered this round.
error NotInRound(uint32 round, address member);
/// It has entered the round already.
error AlreadyEntered(uint32 round);
/// There is no round left to enter.
error NoFurtherRound(uint32 rounds);
/// One update a round.
error AlreadySubmitted(uint32 round);
/// It did not give what the beacon asks for.
error NotPresent(uint32 round, address member);
/// All seats are taken.
error TaskFull(uint32 maxMembers);
/// The person has joined as somebody else.
error PersonTaken(address member);
/// Another member has registered this dataset commitment.
error DatasetTaken(address member);
/// Not the registered dataset.
error WrongDataset(bytes32 expected, bytes32 got);
/// It has left already.
error AlreadyLeft(address member);

// --- faults and claims ---------------------------------------------------------------------------------------------------

/// No fault of this member in this round, or it is too early to tell.
error NoFault(uint32 round, address member);
/// Punished before.
error AlreadyPunished(uint32 round, address member);
/// The same update twice.
error SameUpdate();
/// The member has not signed this update.
error WrongSignature(bytes32 update);
/// Not what was claimed.
error WrongClaim(bytes32 expected, bytes32 got);
/// The claim was settled, or demanded already.
error ClaimSettled();
/// Nobody has demanded its proof.
error NotDemanded();
/// Less gas than a verdict needs.
error NotEnoughGas(uint256 needed, uint256 got);
/// The verifier failed for another reason than the proof. reason: its error.
error NoVerdict(bytes reason);

// --- closing -------------------------------------------------------------------------------------------------------------

/// The task names who may close.
error NotAggregator(address expected, address got);
/// Not the sum that was accumulated so far.
error WrongSum(bytes32 expected, bytes32 got);
/// More submissions than there are, or not all of them.
error WrongCount(uint256 expected, uint256 got);
/// The submissions given are not those of the roll, in its order.
error WrongRoll(bytes32 expected, bytes32 got);
/// There is nothing to pay.
error NothingDue();
