// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeacon} from "../interfaces/IBeacon.sol";
import {IFedHub} from "../interfaces/IFedHub.sol";
import {RoundAlreadyBegun} from "./BeaconErrors.sol";

/// Requests as Chainlink's VRF v2.5 takes them.
library VRFV2PlusClient {
    struct RandomWordsRequest {
        bytes32 keyHash;
        uint256 subId;
        uint16 requestConfirmations;
        uint32 callbackGasLimit;
        uint32 numWords;
        bytes extraArgs;
    }
}

/// What a beacon calls of Chainlink's VRF v2.5 coordinator.
interface IVRFCoordinatorV2Plus {
    function requestRandomWords(VRFV2PlusClient.RandomWordsRequest calldata req) external returns (uint256 requestId);
}

/// Only the beacon's hub begins rounds: they cost the subscription.
error NotTheHub(address caller);
/// The subscription pays for the tasks of its sponsor only.
error NotTheSponsor(address sponsor);
/// Only the coordinator brings random words.
error NotCoordinator(address caller);
/// Nothing was requested under this number, or the answer is there already.
error UnknownRequest(uint256 requestId);
/// One word was asked for.
error WrongWords(uint256 expected, uint256 got);

/// What every request says.
struct VrfTerms {
    bytes32 keyHash; // the lane, that is, the highest price of gas
    uint256 subscription;
    uint16 confirmations;
    uint32 callbackGas; // 60,000 are enough
    bool native; // paid in the chain's own coin, not in LINK
}

/// Randomness of Chainlink's VRF v2.5: `begin` asks for one word, once; it is never asked for again, so nobody draws twice. The
/// subscription's owner funds it and adds this beacon as a consumer. Members have nothing to do and are all present.
///
/// Trust: the oracle cannot choose the word, but it can withhold it (then the hub's windows end the round), and the coordinator is believed
/// to check its proof. The coordinator is fixed: there is no migration, and no owner.
///
/// seed = keccak256(abi.encode(DOMAIN, chain id, this, hub, id, round, request, word)).
contract VrfBeacon is IBeacon {
    struct Round {
        uint256 requestId;
        uint256 word;
        uint32 entered;
        bool begun;
        bool fulfilled;
    }

    /// What a request that was not answered is for.
    struct Request {
        bytes32 id;
        uint32 round;
        bool open;
    }

    event Begun(bytes32 indexed id, uint32 indexed round, uint256 requestId, uint32 entered);
    event Fulfilled(uint256 indexed requestId, uint256 word);

    bytes32 public constant DOMAIN = keccak256("fedproof/beacon/vrf/1");
    /// Of the extra arguments that v2.5 knows.
    bytes4 private constant EXTRA_ARGS_V1 = bytes4(keccak256("VRF ExtraArgsV1"));

    address public immutable hub;
    IVRFCoordinatorV2Plus public immutable coordinator;
    /// Whose tasks the subscription pays for; zero: everybody's.
    address public immutable sponsor;
    bytes32 public immutable keyHash;
    uint256 public immutable subscription;
    uint16 public immutable confirmations;
    uint32 public immutable callbackGas;
    bool public immutable native;

    mapping(bytes32 id => mapping(uint32 round => Round)) private _rounds;
    mapping(uint256 requestId => Request) private _requests;

    constructor(address hub_, IVRFCoordinatorV2Plus coordinator_, address sponsor_, VrfTerms memory terms) {
        (hub, coordinator, sponsor) = (hub_, coordinator_, sponsor_);
        (keyHash, subscription) = (terms.keyHash, terms.subscription);
        (confirmations, callbackGas, native) = (terms.confirmations, terms.callbackGas, terms.native);
    }

    /// @inheritdoc IBeacon
    /// @dev Members have no nonces here.
    function enrol(bytes32 id, address member, bytes32 tip) external {}

    /// @inheritdoc IBeacon
    function begin(bytes32 id, uint32 round, uint32 entered, uint64) external {
        if (msg.sender != hub) revert NotTheHub(msg.sender);
        if (sponsor != address(0)) {
            address asking = IFedHub(hub).task(id).sponsor;
            if (asking != sponsor) revert NotTheSponsor(asking);
        }
        Round storage r = _rounds[id][round];
        if (r.begun) revert RoundAlreadyBegun(round);
        (r.begun, r.entered) = (true, entered);
        uint256 requestId = coordinator.requestRandomWords(
            VRFV2PlusClient.RandomWordsRequest({
                keyHash: keyHash,
                subId: subscription,
                requestConfirmations: confirmations,
                callbackGasLimit: callbackGas,
                numWords: 1,
                extraArgs: abi.encodeWithSelector(EXTRA_ARGS_V1, native)
            })
        );
        r.requestId = requestId;
        _requests[requestId] = Request(id, round, true);
        emit Begun(id, round, requestId, entered);
    }

    /// Coordinator only: the answer, once.
    function rawFulfillRandomWords(uint256 requestId, uint256[] calldata randomWords) external {
        if (msg.sender != address(coordinator)) revert NotCoordinator(msg.sender);
        Request memory request = _requests[requestId];
        if (!request.open) revert UnknownRequest(requestId);
        if (randomWords.length != 1) revert WrongWords(1, randomWords.length);
        delete _requests[requestId];
        Round storage r = _rounds[request.id][request.round];
        (r.word, r.fulfilled) = (randomWords[0], true);
        emit Fulfilled(requestId, randomWords[0]);
    }

    /// @inheritdoc IBeacon
    function seed(address hub_, bytes32 id, uint32 round) external view returns (bool ready, bytes32 value, uint32 present) {
        if (hub_ != hub) return (false, 0, 0);
        Round memory r = _rounds[id][round];
        (ready, present) = (r.fulfilled, r.entered);
        if (ready) value = keccak256(abi.encode(DOMAIN, block.chainid, this, hub, id, round, r.requestId, r.word));
    }

    /// @inheritdoc IBeacon
    function isPresent(address hub_, bytes32 id, uint32 round, address) external view returns (bool) {
        return hub_ == hub && _rounds[id][round].begun;
    }
}
