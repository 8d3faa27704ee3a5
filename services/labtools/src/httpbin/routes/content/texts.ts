/** The documents that httpbin gives, in words of Bankinfo's own. */

export const html = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>On savings</title></head>
<body>
<h1>On savings</h1>
<p>A jar holds what one puts in it. A bank holds it too, and on the first of January there is a little more in it than there was. Nobody has seen how it gets there;
children watch the jar at midnight, and are told to go to bed.</p>
</body>
</html>
`

export const slideshow = {
  slideshow: {
    author: 'Bankinfo',
    date: 'date of publication',
    slides: [
      { title: 'A service asks another', type: 'all' },
      { items: ['The request leaves the pod', 'The sidecar decides where it goes', 'The answer comes back the same way'], title: 'What is between them', type: 'all' }
    ],
    title: 'A mesh in two slides'
  }
}

export const xml = `<?xml version='1.0' encoding='utf-8'?>
<slideshow title="A mesh in two slides" date="date of publication" author="Bankinfo">
  <slide type="all">
    <title>A service asks another</title>
  </slide>
  <slide type="all">
    <title>What is between them</title>
    <item>The request leaves the pod</item>
    <item>The sidecar decides where it goes</item>
    <item>The answer comes back the same way</item>
  </slide>
</slideshow>
`

export const utf8 = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>UTF-8</title></head>
<body>
<h1>UTF-8</h1>
<ul>
<li lang="zh">银行信息 · 服务网格</li>
<li lang="ja">銀行のご案内</li>
<li lang="ko">은행 안내</li>
<li lang="ru">Банк и его услуги</li>
<li lang="el">Η τράπεζα</li>
<li lang="ar" dir="rtl">معلومات البنك</li>
<li lang="he" dir="rtl">מידע על הבנק</li>
<li lang="hi">बैंक की जानकारी</li>
<li lang="de">Zinssätze für Geschäftskunden: 2½ %</li>
<li>∮ E·da = Q, n → ∞, ∑ f(i) = ∏ g(i), ∀x∈ℝ: ⌈x⌉ = −⌊−x⌋; € ¥ £ 💶 🏦</li>
</ul>
</body>
</html>
`
