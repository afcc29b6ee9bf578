package main

// The claim on a transaction, and the record that ends it.
type claim struct {
	fence   int64 // 0: never claimed
	holder  string
	until   int64 // 0: released
	payload string
	done    bool
	result  string
}

type claimRules struct{}

func (claimRules) start() core { return claim{} }

func (claimRules) apply(s core, call *Call) []outcome {
	now := s.(claim)
	switch call.Name {
	case "claim":
		return []outcome{take(now, call)}
	case "is_processed":
		if !now.done {
			return []outcome{reads("{}", now)}
		}
		return []outcome{reads(object("result", now.result), now)}
	}
	same := !now.done && now.fence == call.number("fence") && now.holder == call.text("holder")
	current := same && now.until > 0
	switch call.Name {
	case "extend":
		if !current {
			return []outcome{refuses("Superseded", now)}
		}
		now.until = call.Now + call.number("lease")
		return []outcome{answers(object("until", now.until), now)}
	case "release":
		if same && now.until == 0 { // released already
			return []outcome{reads("{}", now)}
		}
		if !current {
			return []outcome{refuses("Superseded", now)}
		}
		now.until = 0
		return []outcome{answers("{}", now)}
	case "complete":
		return []outcome{complete(now, current, call)}
	}
	return nil
}

func take(now claim, call *Call) outcome {
	payload, policy := call.text("payload"), call.text("policy")
	switch {
	case now.fence > 0 && now.payload != payload:
		return reads(object("state", "other_payload", "fence", now.fence), now)
	case now.done:
		return reads(object("state", "done", "fence", now.fence, "result", now.result), now)
	case now.until > call.Now:
		return reads(object("state", "in_progress", "fence", now.fence, "until", now.until), now)
	}
	lapsed := now.until > 0
	if lapsed && policy == "refuse" {
		return reads(object("state", "lapsed", "fence", now.fence), now)
	}
	word := "fresh"
	if lapsed && policy == "reconcile" {
		word = "lapsed"
	}
	next := claim{fence: now.fence + 1, holder: call.text("holder"), until: call.Now + call.number("lease"), payload: payload}
	return answers(object("state", word, "fence", next.fence, "until", next.until), next)
}

func complete(now claim, current bool, call *Call) outcome {
	if current {
		now.done, now.result, now.payload = true, call.text("result"), call.text("payload")
		return answers(object("result", now.result), now)
	}
	own := now.fence == call.number("fence") && now.holder == call.text("holder") && now.payload == call.text("payload")
	if now.done && own {
		return reads(object("result", now.result), now)
	}
	return refuses("Superseded", now)
}
