#!/usr/bin/env bash
# Step 6: a photo goes through productpage, addedvalues v3 and out to styletransfer.
. "$(dirname "$0")/lib.sh"
options "$@"
connect

title '第 6 步：风格转换' 'Step 6: style transfer'
say '按钮打开一个新窗口：上传照片，选一种风格，得到转换后的照片。照片经过 productpage、addedvalues v3，离开网格到达 styletransfer，再原路返回。' \
  'The button opens a new window: upload a photo, choose a style, and the styled photo comes back. It goes through
productpage and addedvalues v3, leaves the mesh for styletransfer, and returns the same way.'
needs 05-egress.sh serviceentry styletransfer

sign_in yunqi2018
eventually button true || die "按钮应当可用；实际为：${BUTTON}。请先运行 scripts/05-egress.sh。" "The button should be enabled; seen: $BUTTON. Run scripts/05-egress.sh first."

as_visitor /styletransfer
[ "$STATUS" = 200 ] || die "打开窗口：GET $ADDRESS/styletransfer 返回 ${STATUS}。" "The window: GET $ADDRESS/styletransfer answered $STATUS."
as_visitor /styletransfer/styles
STYLE=$(grep -o '"id":"[^"]*"' "$SCRATCH/body" | head -n 1 | cut -d '"' -f 4) || true
[ -n "$STYLE" ] || die "没有可选的风格：GET $ADDRESS/styletransfer/styles 返回 ${STATUS}。" "There is no style to choose: GET $ADDRESS/styletransfer/styles answered $STATUS."

PHOTO=scripts/photo.jpg
cat <<TEXT

\$ curl --cookie-jar jar --data username=yunqi2018 $ADDRESS/login
\$ curl --cookie jar --form image=@$PHOTO --form style=$STYLE --header 'accept: image/*' --output styled.jpg $ADDRESS/styletransfer
TEXT
as_visitor /styletransfer --form "image=@$PHOTO" --form "style=$STYLE" --header 'accept: image/*' --dump-header "$SCRATCH/headers"
[ "$STATUS" = 200 ] || die "POST $ADDRESS/styletransfer 返回 ${STATUS}：$(head -c 300 "$SCRATCH/body")" "POST $ADDRESS/styletransfer answered $STATUS: $(head -c 300 "$SCRATCH/body")"
TYPE=$(tr -d '\r' <"$SCRATCH/headers" | sed -n 's/^[Cc]ontent-[Tt]ype: *//p' | tail -n 1)
case "$TYPE" in
  image/*) ;;
  *) die "应答应当是一张图片，实际类型为 ${TYPE}。" "A picture should come back; the answer is of type $TYPE." ;;
esac
SIZE=$(wc -c <"$SCRATCH/body" | tr -d ' ')
[ "$SIZE" -gt 1000 ] || die "返回的图片只有 $SIZE 字节。" "The picture that came back has only $SIZE bytes."
if cmp -s "$SCRATCH/body" "$PHOTO"; then die '返回的照片与上传的完全一样。' 'The photo came back unchanged.'; fi

echo
good "转换后的照片回来了：风格 ${STYLE}，${TYPE}，$SIZE 字节。" "The styled photo came back: style $STYLE, $TYPE, $SIZE bytes."
say "在浏览器中：$ADDRESS/productpage，以 yunqi 开头的名字登录，点击按钮。" "In a browser: $ADDRESS/productpage, sign in as yunqi..., press the button."
