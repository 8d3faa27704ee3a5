# shellcheck shell=bash
# What the lessons share whose rules lead to styletransfer, outside the mesh. Such a rule
# opens the way out by itself, as a ServiceEntry does, so it is taken away at the end and
# the style transfer button has to be as it was before. Sourced after lib.sh.

# button_at_rest: as the way out has it without these rules.
button_at_rest() {
  if [ -n "$OPEN" ]; then button true; else button false blocked; fi
}

# start_from NAME FILE: with that rule for addedvalues, who is signed in as NAME gets v3;
# nothing but perhaps serviceentry.yaml leads out.
start_from() {
  say "
起点：$2 在生效，没有通往 styletransfer 的 VirtualService。" "
Where this lesson starts: $2 in force, and no VirtualService that leads to styletransfer."
  if exists virtualservice styletransfer; then show kubectl delete virtualservice styletransfer; fi
  apply -f "$2"
  OPEN=
  if exists serviceentry styletransfer; then OPEN=1; fi
  echo
  sign_in "$1"
  if ! eventually button_at_rest; then
    if [ -n "$OPEN" ]; then
      die "serviceentry.yaml 已经应用，$1 的按钮应当可用；实际为：$BUTTON" "serviceentry.yaml is in force, so the button of $1 should be enabled; seen: $BUTTON"
    fi
    die "出口应当是关闭的，$1 的按钮不可用，原因为 blocked；实际为：${BUTTON}。是否缺少 istio/sidecar.yaml（第 1 步）？" \
      "The way out should be closed, the button of $1 disabled with the reason \"blocked\"; seen: $BUTTON. Is istio/sidecar.yaml (step 1) in force?"
  fi
  as_visitor /productpage
  if [ -n "$OPEN" ]; then
    good "之前：serviceentry.yaml 已经应用，$1 的按钮可用，页面用时 $TOOK 秒" "Before: serviceentry.yaml is in force, the button of $1 is enabled, the page takes $TOOK s"
  else
    good "之前：出口关闭，$1 的按钮不可用（blocked），页面用时 $TOOK 秒" "Before: the way out is closed, the button of $1 is disabled (blocked), the page takes $TOOK s"
  fi
}

# lead_out FILE: applies a rule for styletransfer that goes with this script, however it ends.
lead_out() {
  UNDO=$1
  apply -f "$1"
}

# the_way_back NAME: takes the rule away; the button is as it was.
the_way_back() {
  say "
删除这条规则：它也打开了通往 styletransfer 的路，留着会影响其他课程。" "
The rule goes again: it has opened the way to styletransfer too, and other lessons would meet it."
  show kubectl delete -f "$UNDO"
  UNDO=
  echo
  sign_in "$1"
  eventually button_at_rest || die "删除规则之后按钮应恢复原状；实际为：$BUTTON" "With the rule gone the button should be as it was; seen: $BUTTON"
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
  sign_out
  good "$who：$2，$TOOK 秒，不受影响" "$who: $2 after $TOOK s, not touched"
}
