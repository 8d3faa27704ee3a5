# shellcheck shell=bash
# What the lessons share whose rules are for styletransfer, outside the mesh. The mesh has
# to know it (serviceentry.yaml), and the rules go at the end: a VirtualService for a host
# outside may open the way there by itself. Sourced after lib.sh.

# start_from NAME FILE: with that rule for addedvalues, who is signed in as NAME gets v3,
# and its style transfer button is enabled.
start_from() {
  RULE=
  CLOSED=
  say "
起点：$2 和 serviceentry.yaml 在生效，没有针对 styletransfer 的 VirtualService。" "
Where this lesson starts: $2 and serviceentry.yaml in force, no VirtualService for styletransfer."
  if exists virtualservice styletransfer; then show kubectl delete virtualservice styletransfer; fi
  apply -f "$2"
  if ! exists serviceentry styletransfer; then
    CLOSED=istio/serviceentry.yaml
    UNDO=$CLOSED
  fi
  apply -f istio/serviceentry.yaml
  echo
  sign_in "$1"
  eventually button true || die "$1 的按钮应当可用；实际为：$BUTTON" "The button of $1 should be enabled; seen: $BUTTON"
  as_visitor /productpage
  good "之前：$1 的按钮可用，页面用时 $TOOK 秒" "Before: the button of $1 is enabled, the page takes $TOOK s"
}

# lead_out FILE: applies a rule for styletransfer that goes with this script, however it ends.
lead_out() {
  RULE=$1
  UNDO="$RULE $CLOSED"
  apply -f "$RULE"
}

# the_way_back NAME: takes away what the lesson has brought; the button is as it was.
the_way_back() {
  say '
课程结束，删除这条规则。' '
The lesson is over, and its rule goes.'
  show kubectl delete -f "$RULE"
  UNDO=$CLOSED
  echo
  sign_in "$1"
  eventually button true || die "删除规则之后按钮应当可用；实际为：$BUTTON" "With the rule gone the button should be enabled; seen: $BUTTON"
  if [ -n "$CLOSED" ]; then
    say '这一课之前出口是关闭的，现在恢复：' 'Before this lesson the way out was closed; so it is again:'
    show kubectl delete -f "$CLOSED"
    # shellcheck disable=SC2034 # Read when the script ends.
    UNDO=
    echo
    eventually button false blocked || die "出口应当是关闭的，按钮不可用，原因为 blocked；实际为：${BUTTON}。是否缺少 istio/sidecar.yaml（第 1 步）？" \
      "The way out should be closed, the button disabled with the reason \"blocked\"; seen: $BUTTON. Is istio/sidecar.yaml (step 1) in force?"
  fi
  sign_out
  good "按钮恢复原状：$BUTTON" "The button is as it was: $BUTTON"
}

# page_shows TEXT LEAST BELOW: the page stands, holds that text, and took that many seconds.
page_shows() {
  as_visitor /productpage
  PAGE="HTTP $STATUS, $TOOK s"
  [ "$STATUS" = 200 ] && took "$2" "$3" && grep -qF -- "$1" "$SCRATCH/body"
}

# page_says: what the page gives as reasons, for messages.
page_says() { grep -o 'class="kind">[a-z_]*' "$SCRATCH/body" | sed 's/.*>//' | tr '\n' ' ' | sed 's/ $//'; }

# untouched NAME VERSION: the same page, for somebody whom the rule does not mean.
untouched() {
  if [ -n "$1" ]; then sign_in "$1"; else sign_out; fi
  local who
  who=$(if [ -n "$1" ]; then words "以 $1 登录" "signed in as $1"; else words 没有登录 'not signed in'; fi)
  eventually page_shows "class=\"card added $2\"" 0 3 || die "$who：页面应立即由 $2 应答；实际为：$PAGE" "$who: the page should come at once, with $2; seen: $PAGE"
  good "$who：$2，$TOOK 秒，不受影响" "$who: $2 after $TOOK s, not touched"
  sign_out
}

# ---- the two lessons of fault injection ----------------------------------------------

# begin_fault FILE: who is signed in as yunqi2018 gets v3, and then the fault.
begin_fault() {
  needs 03-destination-rules.sh destinationrule addedvalues
  start_from yunqi2018 istio/virtual-service-user-v2-v3.yaml
  lead_out "$1"
  printf '\n$ curl %s/productpage\n' "$ADDRESS"
}

# end_fault: nobody else is touched, and the fault goes.
end_fault() {
  local rule=$RULE name
  for name in '' alice; do untouched "$name" v2; done
  the_way_back yunqi2018
  say "想在浏览器中看：$TYPED apply -f istio/serviceentry.yaml -f ${rule}，以 yunqi2018 登录，看完用 delete 删除它们。" \
    "To see it in a browser: $TYPED apply -f istio/serviceentry.yaml -f $rule, sign in as yunqi2018, and delete both afterwards."
}
